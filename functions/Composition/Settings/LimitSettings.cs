using ServerlessSync.Core.Limits;

namespace ServerlessSync.Composition.Settings;

/// <summary>
/// Overrides of the rate limits in <see cref="RateLimitOptions"/>. A token bucket is written as its capacity and its refill
/// per second, such as <c>200,20</c>.
/// </summary>
public sealed record LimitSettings : SettingsSection
{
    /// <summary>Whether rate limits apply at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Messages of one connection.</summary>
    public string? ConnectionMessages { get; init; }

    /// <summary>Bytes of the messages of one connection.</summary>
    public string? ConnectionBytes { get; init; }

    /// <summary>Loads of one connection.</summary>
    public string? ConnectionLoads { get; init; }

    /// <summary>Resets of one connection.</summary>
    public string? ConnectionResets { get; init; }

    /// <summary>Messages of one user, on each instance.</summary>
    public string? UserMessages { get; init; }

    /// <summary>Bytes of the messages of one user, on each instance.</summary>
    public string? UserBytes { get; init; }

    /// <summary>Loads of one user, on each instance.</summary>
    public string? UserLoads { get; init; }

    /// <summary>Resets of one user, on each instance.</summary>
    public string? UserResets { get; init; }

    /// <summary>Requests of one user to the HTTP API, on each instance.</summary>
    public string? Calls { get; init; }

    /// <summary>Datasets and histories that one user reads over the HTTP API, on each instance.</summary>
    public string? Exports { get; init; }

    /// <summary>Requests of one user that change data.</summary>
    public string? Writes { get; init; }

    /// <summary>Projects that one user creates, over time.</summary>
    public string? Creations { get; init; }

    /// <summary>Bytes of datasets that one user imports.</summary>
    public string? ImportBytes { get; init; }

    /// <summary>Rejected tokens from one address, on each instance.</summary>
    public string? FailedSignIns { get; init; }

    /// <summary>Existing projects that one user has created.</summary>
    public int? Projects { get; init; }

    /// <summary>The longest delay of a change, in seconds.</summary>
    public double? DelaySeconds { get; init; }

    internal RateLimitOptions Options
    {
        get
        {
            var options = new RateLimitOptions { IsOn = Enabled };
            options = options with
            {
                ProjectsMax = Projects ?? options.ProjectsMax,
                DelayMax = DelaySeconds is { } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 3_600)) : options.DelayMax,
            };
            return Buckets.Aggregate(
                options,
                static (current, bucket) => BucketRule.TryParse(bucket.Text, out var rule) ? bucket.With(current, rule) : current
            );
        }
    }

    private IEnumerable<(string Name, string? Text, Func<RateLimitOptions, BucketRule, RateLimitOptions> With)> Buckets =>
        [
            (nameof(ConnectionMessages), ConnectionMessages, static (all, rule) => all with { Connection = all.Connection with { Messages = rule } }),
            (nameof(ConnectionBytes), ConnectionBytes, static (all, rule) => all with { Connection = all.Connection with { Bytes = rule } }),
            (nameof(ConnectionLoads), ConnectionLoads, static (all, rule) => all with { Connection = all.Connection with { Loads = rule } }),
            (nameof(ConnectionResets), ConnectionResets, static (all, rule) => all with { Connection = all.Connection with { Resets = rule } }),
            (nameof(UserMessages), UserMessages, static (all, rule) => all with { User = all.User with { Messages = rule } }),
            (nameof(UserBytes), UserBytes, static (all, rule) => all with { User = all.User with { Bytes = rule } }),
            (nameof(UserLoads), UserLoads, static (all, rule) => all with { User = all.User with { Loads = rule } }),
            (nameof(UserResets), UserResets, static (all, rule) => all with { User = all.User with { Resets = rule } }),
            (nameof(Calls), Calls, static (all, rule) => all with { Calls = rule }),
            (nameof(Exports), Exports, static (all, rule) => all with { Exports = rule }),
            (nameof(Writes), Writes, static (all, rule) => all with { Writes = rule }),
            (nameof(Creations), Creations, static (all, rule) => all with { Creations = rule }),
            (nameof(ImportBytes), ImportBytes, static (all, rule) => all with { Imports = rule }),
            (nameof(FailedSignIns), FailedSignIns, static (all, rule) => all with { FailedSignIns = rule }),
        ];

    internal override IEnumerable<string> Problems(string path)
    {
        foreach (var (name, text, _) in Buckets)
        {
            if (text is not null && !BucketRule.TryParse(text, out _))
            {
                yield return $"{path}{name} is '{text}': needs capacity and refill per second, such as 200,20.";
            }
        }

        if (Projects is < 1 or > RateLimitOptions.ProjectsMaxLimit)
        {
            yield return $"{path}{nameof(Projects)} is {Projects}: needs 1 to {RateLimitOptions.ProjectsMaxLimit}.";
        }

        if (DelaySeconds is { } seconds && !(seconds >= 0 && seconds <= RateLimitOptions.DelayMaxLimit.TotalSeconds))
        {
            yield return $"{path}{nameof(DelaySeconds)} is {seconds}: needs 0 to {RateLimitOptions.DelayMaxLimit.TotalSeconds:F0}.";
        }
    }
}
