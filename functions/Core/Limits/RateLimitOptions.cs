namespace ServerlessSync.Core.Limits;

/// <summary>
/// What one connection and one user may ask for. The defaults are several times what people at work come to, and a small part of what an
/// instance can do, so that a team never meets them and one who does not stop holds nobody up.
/// </summary>
public sealed record RateLimitOptions
{
    /// <summary>The highest <see cref="ProjectsMax"/>: that many rows are read when a project is made.</summary>
    public const int ProjectsMaxMax = 10_000;

    /// <summary>The longest <see cref="DelayMax"/>: an event that is not answered soon is taken for lost.</summary>
    public static readonly TimeSpan DelayMaxMax = TimeSpan.FromSeconds(10);

    private const long MiB = 1024 * 1024;

    /// <summary>No limits: for measurements and simulations, which say so.</summary>
    public static RateLimitOptions Off { get; } = new() { IsOn = false };

    /// <summary>Whether anything is limited.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>
    /// One connection; the buckets travel in its state and so hold on every instance. A page records for 100 ms before it sends, so it
    /// sends 10 messages a second at most; a queue of a day's offline work is one message of up to 1 MiB.
    /// </summary>
    public MessageRates Connection { get; init; } =
        new()
        {
            Messages = new BucketRule(200, 20),
            Bytes = new BucketRule(8 * MiB, MiB / 2.0),
            Loads = new BucketRule(30, 0.5),
            Resets = new BucketRule(10, 0.1),
        };

    /// <summary>All connections of one user, as one instance sees them: a person with several pages, each as busy as can be.</summary>
    public MessageRates User { get; init; } =
        new()
        {
            Messages = new BucketRule(600, 60),
            Bytes = new BucketRule(24 * MiB, 1.5 * MiB),
            Loads = new BucketRule(120, 2),
            Resets = new BucketRule(20, 0.2),
        };

    /// <summary>How long a change may be held back. Less than the service waits, and short enough to pass for a slow network.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests of one user to the HTTP API, as one instance sees them.</summary>
    public BucketRule Calls { get; init; } = new(300, 10);

    /// <summary>
    /// Datasets and histories that one user reads over the HTTP API, as one instance sees them: each may read a whole project from storage.
    /// </summary>
    public BucketRule Exports { get; init; } = new(60, 0.5);

    /// <summary>Requests of one user that change something, on all instances: giving a department its 200 roles one by one fits.</summary>
    public BucketRule Writes { get; init; } = new(1_000, 2);

    /// <summary>Projects that one user makes, on all instances.</summary>
    public BucketRule Creations { get; init; } = new(500, 0.2);

    /// <summary>Bytes of datasets that one user imports, on all instances.</summary>
    public BucketRule Imports { get; init; } = new(1024 * MiB, MiB);

    /// <summary>Projects that one user has made and that still exist: as many as a list shows.</summary>
    public int ProjectsMax { get; init; } = 1_000;

    /// <summary>Tokens from one address that were not accepted, as one instance sees them: an office behind one address, all expired at once.</summary>
    public BucketRule FailedSignIns { get; init; } = new(100, 1);

    /// <summary>What is wrong with the options, one sentence each that begins with the option's name; empty when they can be used.</summary>
    public IReadOnlyList<string> Problems() =>
        [
            .. Connection
                .Problems(nameof(Connection))
                .Concat(User.Problems(nameof(User)))
                .Append(Calls.Problem(nameof(Calls)))
                .Append(Exports.Problem(nameof(Exports)))
                .Append(Writes.Problem(nameof(Writes)))
                .Append(Creations.Problem(nameof(Creations)))
                .Append(Imports.Problem(nameof(Imports)))
                .Append(FailedSignIns.Problem(nameof(FailedSignIns)))
                .Append(ProjectsMax is < 1 or > ProjectsMaxMax ? $"{nameof(ProjectsMax)} is {ProjectsMax}: needs 1 to {ProjectsMaxMax}." : null)
                .Append(
                    DelayMax < TimeSpan.Zero || DelayMax > DelayMaxMax
                        ? $"{nameof(DelayMax)} is {DelayMax}: needs 0 to {DelayMaxMax.TotalSeconds:F0} seconds."
                        : null
                )
                .OfType<string>(),
        ];
}
