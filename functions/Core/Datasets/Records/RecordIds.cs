using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// What may be the id of a record. The clients keep records in plain objects under the string form of their ids
/// (docs/protocol-facts.md#identity-of-records), so beside <see cref="JsonId.IsUsable"/> more is refused than for other ids.
/// </summary>
internal static class RecordIds
{
    // Every property of Object.prototype (ECMA-262, 20.1.3 and B.2.2): a client that looks for a record of that name finds the property.
    private static readonly FrozenSet<string> PrototypeNames = FrozenSet.Create(
        StringComparer.Ordinal,
        "__proto__",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf"
    );

    /// <summary>The ids that no record may have.</summary>
    public static IReadOnlyCollection<string> Reserved => PrototypeNames;

    /// <summary>Whether every JavaScript object has a property of that name.</summary>
    public static bool IsReserved(string text) => PrototypeNames.Contains(text);

    /// <summary>Reads an id that a record has or is to have.</summary>
    /// <param name="value">The value.</param>
    /// <param name="id">The id, as it is spelled.</param>
    /// <returns>Why it cannot be used, with the value cut short; null when it can.</returns>
    public static string? TryRead(JsonElement value, out JsonId id)
    {
        if (!RawText.TryReadId(value, out id))
        {
            return $"({JsonGuard.Shorten(RawText.Of(value))})";
        }

        if (id.IsNumber && !IsExact(id, RawText.Of(value)))
        {
            return $"({JsonGuard.Shorten(RawText.Of(value))}): a browser would take it for {id.Text}";
        }

        return IsReserved(id.Text)
            ? $"({JsonGuard.Shorten(RawText.Of(value))}): every JavaScript object has a property of that name"
            : null;
    }

    // What is spelled as a browser prints it needs no second look.
    private static bool IsExact(JsonId id, ReadOnlySpan<byte> number) =>
        number.Length <= JsonId.LengthMax
        && (
            !id.HasSpelling
            || NumberForm.IsExact(Encoding.UTF8.GetString(number), double.Parse(id.Text, CultureInfo.InvariantCulture))
        );
}
