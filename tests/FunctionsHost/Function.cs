using System.Text.Json;
using ServerlessSync.FunctionsHost.Rpc;

namespace ServerlessSync.FunctionsHost;

/// <summary>A function as the worker describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Trigger">The type of its trigger: <c>httpTrigger</c> or <c>timerTrigger</c>.</param>
/// <param name="Route">Its route below the route prefix; null without an HTTP trigger.</param>
/// <param name="Methods">The HTTP methods that it accepts, in upper case; empty for all.</param>
/// <param name="Schedule">The schedule of its timer in NCRONTAB; null without a timer.</param>
public sealed record Function(string Name, string Trigger, string? Route, IReadOnlyList<string> Methods, string? Schedule)
{
    /// <summary>The only authorization level that needs no keys, which this host does not have.</summary>
    private const string Anonymous = "anonymous";

    internal string Id { get; private init; } = string.Empty;

    /// <summary>The name of the parameter that the trigger fills.</summary>
    internal string Parameter { get; private init; } = string.Empty;

    internal bool Takes(string method) => Methods.Count == 0 || Methods.Contains(method, StringComparer.OrdinalIgnoreCase);

    internal static Function Parse(RpcFunctionMetadata metadata)
    {
        foreach (var text in metadata.RawBindings)
        {
            using var document = JsonDocument.Parse(text);
            var binding = document.RootElement;
            var type = Text(binding, "type") ?? string.Empty;
            if (!type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (Text(binding, "authLevel") is { } level && !level.Equals(Anonymous, StringComparison.OrdinalIgnoreCase))
            {
                throw new WorkerHostException($"Function {metadata.Name} requires a key ({level}); this host has none.");
            }

            var isHttp = type.Equals("httpTrigger", StringComparison.OrdinalIgnoreCase);
            return new Function(
                metadata.Name,
                type,
                isHttp ? Text(binding, "route") ?? metadata.Name : null,
                MethodsOf(binding),
                Text(binding, "schedule")
            )
            {
                Id = metadata.FunctionId,
                Parameter = Text(binding, "name") ?? string.Empty,
            };
        }

        throw new WorkerHostException($"Function {metadata.Name} has no trigger.");
    }

    private static IReadOnlyList<string> MethodsOf(JsonElement binding) =>
        Find(binding, "methods") is { ValueKind: JsonValueKind.Array } methods
            ? [.. methods.EnumerateArray().Select(static method => method.GetString()!.ToUpperInvariant())]
            : [];

    private static string? Text(JsonElement binding, string name) =>
        Find(binding, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static JsonElement? Find(JsonElement binding, string name)
    {
        foreach (var member in binding.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return member.Value;
            }
        }

        return null;
    }
}
