using System.Text.Json;
using ServerlessSync.PubSubEmulator.Tokens;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>
/// <c>POST /api/hubs/{hub}/:generateToken</c>. The service requires an Entra token here; the emulator has no directory, so
/// it accepts the access key instead.
/// </summary>
internal sealed class TokenOperation(PubSubOptions options, AccessTokens tokens)
{
    // Our own limit: a year.
    private const int MinutesMax = 366 * 24 * 60;
    private const int MinutesDefault = 60;

    /// <summary>Creates a client token for the user, roles and groups of the query.</summary>
    public RestAnswer Generate(RestCall call)
    {
        if (!call.TryNumber("minutesToExpire", MinutesDefault, 1, MinutesMax, out var minutes, out var problem))
        {
            return problem;
        }

        if (call.Query("clientType") is { } type && !string.Equals(type, "Default", StringComparison.OrdinalIgnoreCase))
        {
            return RestAnswer.BadRequest(
                $"clientType is '{type}': only Default clients are supported here.",
                "clientType"
            );
        }

        var claims = new Dictionary<string, object>(StringComparer.Ordinal);
        if (call.Query("userId") is { } user)
        {
            claims["sub"] = user;
        }

        var groups = call.Request.Query["group"].OfType<string>().ToArray();
        foreach (var group in groups)
        {
            if (!RestCall.TryGroup(group, out problem))
            {
                return problem;
            }
        }

        AddAll("role", [.. call.Request.Query["role"].OfType<string>()]);
        AddAll("webpubsub.group", groups);
        var authority =
            options.Endpoint?.GetLeftPart(UriPartial.Authority) ?? $"{call.Request.Scheme}://{call.Request.Host}";
        var token = tokens.Create(
            $"{authority}/client/hubs/{options.HubInLowerCase}",
            TimeSpan.FromMinutes(minutes),
            claims
        );
        return new RestAnswer(
            StatusCodes.Status200OK,
            JsonSerializer.SerializeToUtf8Bytes(new TokenBody(token), RestJson.Default.TokenBody)
        );

        void AddAll(string claim, string[] values)
        {
            if (values.Length > 0)
            {
                claims[claim] = values;
            }
        }
    }
}
