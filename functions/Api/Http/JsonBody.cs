using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Api.Http;

/// <summary>A small request body: one JSON object with a few fields, each read with its type.</summary>
internal sealed class JsonBody
{
    private readonly Dictionary<string, JsonElement> fields;

    private JsonBody(Dictionary<string, JsonElement> fields) => this.fields = fields;

    /// <summary>
    /// Reads a body of at most <see cref="ApiLimits.SmallBytesMax"/> bytes. When that fails, the body is null and the
    /// problem is set.
    /// </summary>
    public static async Task<(JsonBody? Body, IResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (await ProblemResults.ReadAsync(request, ApiLimits.SmallBytesMax, cancellationToken) is not { } bytes)
        {
            return (null, ProblemResults.TooLarge(ApiLimits.SmallBytesMax));
        }

        return TryParse(bytes, out var body, out var reason)
            ? (body, null)
            : (null, ProblemResults.Problem(StatusCodes.Status400BadRequest, $"body: {reason}"));
    }

    /// <summary>A string field; null when it is absent, of another type, or not valid Unicode.</summary>
    public string? Text(string name)
    {
        try
        {
            return fields.TryGetValue(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape: JSON allows it, but a string cannot hold it.
            return null;
        }
    }

    /// <summary>A field that is a whole number; null when it is absent, of another type, or beyond 64 bits.</summary>
    public long? Number(string name) =>
        fields.TryGetValue(name, out var field) && field.ValueKind == JsonValueKind.Number && field.TryGetInt64(out var number)
            ? number
            : null;

    private static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out JsonBody? body, out string reason)
    {
        body = null;
        using var document = JsonGuard.TryParse(bytes, MessageLimits.DepthMax, out reason);
        if (document is null)
        {
            return false;
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            reason = "must be a JSON object";
            return false;
        }

        body = new JsonBody(
            document.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.Clone(), StringComparer.Ordinal)
        );
        return true;
    }
}
