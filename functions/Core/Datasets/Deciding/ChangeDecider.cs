using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>Decides submitted change sets.</summary>
internal static class ChangeDecider
{
    /// <summary>See <see cref="Dataset.Decide"/>.</summary>
    public static ChangeDecision Decide(
        Content content,
        IdRegistry memory,
        ReadOnlyMemory<byte> changes,
        long revision,
        bool isResolution
    )
    {
        if (changes.Length > MessageLimits.FrameBytesMax)
        {
            return TooLong(changes.Length);
        }

        using var document = JsonGuard.TryParse(changes, MessageLimits.DepthMax, out var reason);
        if (document is null)
        {
            return new ChangeDecision.Refused(reason);
        }

        if (ChangeShape.FaultOf(document.RootElement) is { } fault)
        {
            return new ChangeDecision.Refused(fault);
        }

        var stores = StoreChanges.AllOf(document.RootElement);
        if (GrowthFault(content, stores, changes.Length) is { } growth)
        {
            return new ChangeDecision.Refused(growth);
        }

        var ids = new IdAssignment(content, memory, stores, revision);
        var cuts = ChangeCuts.Find(content, stores, ids);
        if (cuts.Fault is not null)
        {
            return new ChangeDecision.Refused(cuts.Fault);
        }

        // Every page that sees a conflict sends a resolution; refusing them would cost a dataset each.
        if (!isResolution && GoneLinks.FaultOf(content, memory, stores, ids) is { } goneFault)
        {
            return new ChangeDecision.Refused(goneFault);
        }

        var rewriter = new ChangeRewriter(content, ids, cuts);
        var rewritten = rewriter.Write(document.RootElement);
        var decided = rewriter.IsChanged ? rewritten : changes;
        if (rewriter.Contents.FirstOrDefault(IsTooLong) is { } large)
        {
            return new ChangeDecision.Refused(
                $"versions: the content of record {large.Version} has {large.Json.Length} bytes; "
                    + $"at most {MessageLimits.VersionContentBytesMax} can be sent"
            );
        }

        return decided.Length > MessageLimits.RevisionBytesMax
            ? TooLong(decided.Length)
            : new ChangeDecision.Accepted(decided, cuts.Any, rewriter.Contents) { NeedsRule = ids.IsByForm };
    }

    private static bool IsTooLong(VersionContent content) => content.Json.Length > MessageLimits.VersionContentBytesMax;

    private static ChangeDecision.Refused TooLong(int bytes) =>
        new($"the change set has {bytes} bytes; at most {MessageLimits.RevisionBytesMax} can be published");

    private static string? GrowthFault(Content content, IReadOnlyList<StoreChanges> changes, int bytes)
    {
        // An upper bound that counts every record as new and every byte as kept: close to a limit, refusing early is
        // safe.
        var added = changes.Sum(store => store.Results.Added.Count + store.Input.Added.Count);
        if (added > 0 && content.Count + added > DatasetLimits.RecordsMax)
        {
            return $"the project would have more than {DatasetLimits.RecordsMax} records";
        }

        if (content.TextBytes + bytes > DatasetLimits.BytesMax)
        {
            return $"the project would have more than {DatasetLimits.BytesMax} bytes";
        }

        var newStores = changes.Count(store => content.Find(store.Store) is null);
        return newStores > 0 && content.Stores.Count + newStores > DatasetLimits.StoresMax
            ? $"the project would have more than {DatasetLimits.StoresMax} stores"
            : null;
    }
}
