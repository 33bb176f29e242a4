using System.Net;
using System.Text.Json;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>What to run. The limits keep a typing error from becoming an attack.</summary>
internal sealed record LoadOptions
{
    public const int ClientsMax = 200;
    public const int ConnectionsMax = 1_000;
    public const int SecondsMax = 300;
    public const int WarmupMax = 60;
    public const double RateMax = 200;

    public required Uri Url { get; init; }

    /// <summary>Ids as JSON: clients compare them by type too, so <c>1</c> and <c>"1"</c> are different projects.</summary>
    public required IReadOnlyList<string> Projects { get; init; }

    /// <summary>Clients of each project.</summary>
    public required int Clients { get; init; }

    public required int Seconds { get; init; }

    public required int Warmup { get; init; }

    /// <summary>Changes per second and client; null for a closed loop.</summary>
    public required double? Rate { get; init; }

    public required int Seed { get; init; }

    /// <summary>A number stays a number; everything else becomes a JSON string.</summary>
    public static string ToJson(string project) =>
        long.TryParse(project, out var number) ? number.ToString() : $"\"{JsonEncodedText.Encode(project)}\"";

    public static bool IsLoopback(Uri url) =>
        url.IsLoopback || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
