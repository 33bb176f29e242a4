namespace ServerlessSync.Core.Limits;

/// <summary>
/// The rates that one connection and one user may reach. The defaults are several times the rates of people at work and
/// a small part of an instance's capacity: a team never reaches them, and a runaway client does not slow down other
/// users.
/// </summary>
public sealed record RateLimitOptions
{
    /// <summary>The highest <see cref="ProjectsMax"/>: that many rows are read when a project is created.</summary>
    public const int ProjectsMaxLimit = 10_000;

    /// <summary>
    /// The longest <see cref="DelayMax"/>: the service takes an event without a timely reply for lost.
    /// </summary>
    public static readonly TimeSpan DelayMaxLimit = TimeSpan.FromSeconds(10);

    private const long MiB = 1024 * 1024;

    /// <summary>No limits; for measurements and simulations.</summary>
    public static RateLimitOptions Off { get; } = new() { IsOn = false };

    /// <summary>Whether limits apply at all.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>
    /// Rates of one connection. The buckets travel in its state, so they hold across instances. A page collects changes
    /// for 100 ms before it sends them, so it sends at most 10 messages per second; the queue of a day's offline work
    /// is one message of up to 1 MiB.
    /// </summary>
    public MessageRates Connection { get; init; } =
        new()
        {
            Messages = new BucketRule(200, 20),
            Bytes = new BucketRule(8 * MiB, MiB / 2.0),
            Loads = new BucketRule(30, 0.5),
            Resets = new BucketRule(10, 0.1),
        };

    /// <summary>
    /// Rates of all connections of one user, per instance: a person with several pages, each at its maximum.
    /// </summary>
    public MessageRates User { get; init; } =
        new()
        {
            Messages = new BucketRule(600, 60),
            Bytes = new BucketRule(24 * MiB, 1.5 * MiB),
            Loads = new BucketRule(120, 2),
            Resets = new BucketRule(20, 0.2),
        };

    /// <summary>
    /// How long a change may be delayed. Less than the service's time limit for a reply, and short enough to pass for a
    /// slow network.
    /// </summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Requests of one user to the HTTP API, per instance.</summary>
    public BucketRule Calls { get; init; } = new(300, 10);

    /// <summary>
    /// Datasets and histories that one user reads over the HTTP API, per instance: each may read a whole project from
    /// storage.
    /// </summary>
    public BucketRule Exports { get; init; } = new(60, 0.5);

    /// <summary>
    /// Changing requests of one user, over all instances: enough to grant a department's 200 roles one by one.
    /// </summary>
    public BucketRule Writes { get; init; } = new(1_000, 2);

    /// <summary>Projects that one user creates, over all instances.</summary>
    public BucketRule Creations { get; init; } = new(500, 0.2);

    /// <summary>Bytes of datasets that one user imports, over all instances.</summary>
    public BucketRule Imports { get; init; } = new(1024 * MiB, MiB);

    /// <summary>Existing projects that one user has created: as many as a listing shows.</summary>
    public int ProjectsMax { get; init; } = 1_000;

    /// <summary>
    /// Rejected tokens from one address, per instance: enough for an office behind one address whose tokens all expire
    /// at once.
    /// </summary>
    public BucketRule FailedSignIns { get; init; } = new(100, 1);

    /// <summary>
    /// What is wrong with the options, each as a sentence that begins with the option's name; empty when they are
    /// valid.
    /// </summary>
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
                .Append(ProjectsMax is < 1 or > ProjectsMaxLimit ? $"{nameof(ProjectsMax)} is {ProjectsMax}: needs 1 to {ProjectsMaxLimit}." : null)
                .Append(
                    DelayMax < TimeSpan.Zero || DelayMax > DelayMaxLimit
                        ? $"{nameof(DelayMax)} is {DelayMax}: needs 0 to {DelayMaxLimit.TotalSeconds:F0} seconds."
                        : null
                )
                .OfType<string>(),
        ];
}
