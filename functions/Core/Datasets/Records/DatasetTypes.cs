using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The result of reading a dataset.</summary>
public abstract record DatasetResult
{
    private DatasetResult() { }

    /// <summary>The dataset was read.</summary>
    /// <param name="Dataset">The data, without the contents of versions.</param>
    /// <param name="Contents">
    /// The contents of versions, for the caller to store; see <see cref="Dataset.NameContent"/>.
    /// </param>
    public sealed record Parsed(Dataset Dataset, IReadOnlyList<VersionContent> Contents) : DatasetResult;

    /// <summary>The dataset cannot be served to clients; the reason names store and record.</summary>
    public sealed record Malformed(string Reason) : DatasetResult;
}

/// <summary>The decision on a submitted change set.</summary>
public abstract record ChangeDecision
{
    private ChangeDecision() { }

    /// <summary>The change set becomes a revision.</summary>
    /// <param name="Changes">
    /// The change set to log and publish: ids assigned, phantom ids replaced, impossible parts removed.
    /// </param>
    /// <param name="Cut">Whether parts were removed, so that its derived values are not stored.</param>
    /// <param name="Contents">
    /// Contents of versions, which are stored separately and neither logged nor published.
    /// </param>
    public sealed record Accepted(ReadOnlyMemory<byte> Changes, bool Cut, IReadOnlyList<VersionContent> Contents)
        : ChangeDecision
    {
        /// <summary>
        /// Whether one of its ids names a record whose id is of the other JSON type, so that it must be folded by
        /// <see cref="IdentityRule.ByForm"/>.
        /// </summary>
        public bool NeedsRule { get; init; }
    }

    /// <summary>The change set is malformed or exceeds a limit; the reason names store, record and limit.</summary>
    public sealed record Refused(string Reason) : ChangeDecision;
}

/// <summary>
/// The content of a saved version: large and rarely requested, so it is stored apart from the record.
/// </summary>
/// <param name="Version">The id of the record in store <c>versions</c>.</param>
/// <param name="Json">The content, any JSON value but <c>null</c>.</param>
public sealed record VersionContent(JsonId Version, ReadOnlyMemory<byte> Json);
