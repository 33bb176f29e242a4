using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>What became of reading a dataset.</summary>
public abstract record DatasetResult
{
    private DatasetResult() { }

    /// <summary>It was read.</summary>
    /// <param name="Dataset">The data, without the contents of versions.</param>
    /// <param name="Contents">Those, for the caller to store; see <see cref="Dataset.NameContent"/>.</param>
    public sealed record Parsed(Dataset Dataset, IReadOnlyList<VersionContent> Contents) : DatasetResult;

    /// <summary>It cannot be served to clients; the reason names store and record.</summary>
    public sealed record Malformed(string Reason) : DatasetResult;
}

/// <summary>What a submitted change set becomes.</summary>
public abstract record ChangeDecision
{
    private ChangeDecision() { }

    /// <summary>It takes its revision number.</summary>
    /// <param name="Changes">What is logged and published: ids given, phantoms replaced, impossible parts taken out.</param>
    /// <param name="Cut">Whether parts were taken out, so that its derived values are not stored.</param>
    /// <param name="Contents">Contents of versions, which are neither logged nor published but stored on their own.</param>
    public sealed record Accepted(ReadOnlyMemory<byte> Changes, bool Cut, IReadOnlyList<VersionContent> Contents)
        : ChangeDecision
    {
        /// <summary>
        /// Whether an id in it names a record whose id is of the other JSON type, so that it must be folded by
        /// <see cref="IdentityRule.ByForm"/>.
        /// </summary>
        public bool NeedsRule { get; init; }
    }

    /// <summary>It is malformed or over a limit; the reason names store, record and limit.</summary>
    public sealed record Refused(string Reason) : ChangeDecision;
}

/// <summary>The content of a saved version: large, and wanted rarely, so it is kept apart from the record.</summary>
/// <param name="Version">The id of the record in store <c>versions</c>.</param>
/// <param name="Json">The content, any JSON value but <c>null</c>.</param>
public sealed record VersionContent(JsonId Version, ReadOnlyMemory<byte> Json);
