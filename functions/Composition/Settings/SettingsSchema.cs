using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace ServerlessSync.Composition.Settings;

/// <summary>The names and formats of settings, as declared by the settings types.</summary>
internal static class SettingsSchema
{
    /// <summary>Separates the levels of a name in an environment variable.</summary>
    public const string Separator = "__";

    /// <summary>Reports names without a property, groups that have a value, and values that do not fit their type.</summary>
    public static IEnumerable<string> Problems(IConfigurationSection section, Type type, string prefix)
    {
        foreach (var child in section.GetChildren())
        {
            var found =
                PropertyOf(type, child.Key) is { } property
                    ? ProblemsOf(child, property, prefix + property.Name)
                    : Leaves(child, prefix + child.Key).Select(static name => $"{name} is not a setting.{Suggestion(name)}");
            foreach (var problem in found)
            {
                yield return problem;
            }
        }
    }

    /// <summary>The full names of all settings of a type.</summary>
    public static IEnumerable<string> Names(Type type, string prefix) =>
        SettingsOf(type).SelectMany(property =>
            IsSection(property.PropertyType) ? Names(property.PropertyType, prefix + property.Name + Separator)
            : IsList(property.PropertyType) ? [$"{prefix}{property.Name}{Separator}0"]
            : (IEnumerable<string>)[prefix + property.Name]
        );

    private static IEnumerable<string> ProblemsOf(IConfigurationSection section, PropertyInfo property, string name)
    {
        var type = property.PropertyType;
        if (IsSection(type))
        {
            return string.IsNullOrEmpty(section.Value)
                ? Problems(section, type, name + Separator)
                : [$"{name} is a group of settings: set one of {string.Join(", ", Names(type, name + Separator))}."];
        }

        if (IsList(type))
        {
            return string.IsNullOrEmpty(section.Value) ? ListProblems(section, name) : [$"{name} is a list: set {name}{Separator}0 and so on."];
        }

        return section.GetChildren().FirstOrDefault() is { } child
            ? [$"{name}{Separator}{child.Key} is not a setting: {name} is a single value."]
            : ValueProblems(section.Value, type, name);
    }

    private static IEnumerable<string> ListProblems(IConfigurationSection section, string name) =>
        section
            .GetChildren()
            .Where(static element => !int.TryParse(element.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(element => $"{name}{Separator}{element.Key} is not a setting: the elements of this list are {name}{Separator}0 and so on.");

    /// <summary>Messages repeat only values of types that hold no secret.</summary>
    private static IEnumerable<string> ValueProblems(string? value, Type type, string name)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return [];
        }

        var (fits, needs) = Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
        {
            TypeCode.String => (true, string.Empty),
            TypeCode.Boolean => (bool.TryParse(value, out _), "true or false"),
            TypeCode.Int32 => (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), "a whole number"),
            TypeCode.Int64 => (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), "a whole number"),
            TypeCode.Double => (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _), "a number such as 0.5"),
            _ when type == typeof(Uri) => (Uri.TryCreate(value, UriKind.Absolute, out _), "an absolute URL"),
            _ when type == typeof(Guid) => (Guid.TryParse(value, out _), "an id such as 00000000-0000-0000-0000-000000000001"),
            _ => throw new InvalidOperationException($"Settings of type {type} are not supported."),
        };
        return fits ? [] : [$"{name} is '{value}': needs {needs}."];
    }

    private static IEnumerable<string> Leaves(IConfigurationSection section, string name) =>
        section.GetChildren().ToList() is [_, ..] children
            ? children.SelectMany(child => Leaves(child, name + Separator + child.Key))
            : [name];

    private static string Suggestion(string name) =>
        NearestName.Of(name, SettingsReader.Names) is { } nearest ? $" Did you mean {nearest}?" : " See functions/App/README.md for the names.";

    private static PropertyInfo? PropertyOf(Type type, string name) =>
        SettingsOf(type).FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<PropertyInfo> SettingsOf(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(static property => property.CanWrite);

    private static bool IsSection(Type type) => type.IsSubclassOf(typeof(SettingsSection));

    private static bool IsList(Type type) => type == typeof(IReadOnlyList<string>);
}
