namespace ServerlessSync.Core.Limits;

/// <summary>The buckets for messages of sockets.</summary>
public sealed record MessageRates
{
    /// <summary>Messages.</summary>
    public required BucketRule Messages { get; init; }

    /// <summary>Bytes of messages.</summary>
    public required BucketRule Bytes { get; init; }

    /// <summary>
    /// Messages that read from storage: <c>login</c>, <c>projects</c>, <c>dataset</c>, <c>load_version_content</c>.
    /// </summary>
    public required BucketRule Loads { get; init; }

    /// <summary>Resets.</summary>
    public required BucketRule Resets { get; init; }

    internal BucketSet ToSet() => new(Messages, Bytes, Loads, Resets);

    internal IEnumerable<string?> Problems(string name) =>
        [
            Messages.Problem($"{name}:{nameof(Messages)}"),
            Bytes.Problem($"{name}:{nameof(Bytes)}"),
            Loads.Problem($"{name}:{nameof(Loads)}"),
            Resets.Problem($"{name}:{nameof(Resets)}"),
        ];
}
