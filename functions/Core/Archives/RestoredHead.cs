using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>The head and the access list of a restored project.</summary>
internal static class RestoredHead
{
    /// <summary>The revision at which the project continues; null when it would exceed the limit.</summary>
    public static long? Revision(Head? known, ArchiveManifest manifest)
    {
        var revision = Math.Max(known?.Revision ?? 0, manifest.Highest) + ArchiveLimits.RevisionGap;
        return revision <= ArchiveLimits.NumberMax ? revision : null;
    }

    /// <summary>The head; null when the generation would exceed the limit.</summary>
    /// <remarks>
    /// Everything before counts as published, and the log begins at the anchor, so no revision is missing. The next
    /// publisher moves the members of older groups to the present one and closes their connections, because the access
    /// row evicts all.
    /// </remarks>
    public static Head? Of(Head? known, ArchiveManifest manifest, RestoreProgress restore, DateTimeOffset now)
    {
        var generation = Generation(known, manifest);
        var revision = RowKeys.RevisionOf(restore.AnchorKey);
        var before = known ?? Head.New(restore.BaseKey) with { OldestGeneration = manifest.Generation, AccessVersion = 0, AccessEnforcedVersion = 0 };
        return generation > ArchiveLimits.NumberMax
            ? null
            : before with
            {
                Revision = revision,
                Published = revision,
                Generation = generation,
                LeaseOwner = string.Empty,
                LeaseTerm = before.LeaseTerm + 1,
                LeaseWanted = string.Empty,
                BaseKey = restore.BaseKey,
                SnapshotKey = string.Empty,
                AnchorKey = restore.AnchorKey,
                AccessVersion = before.AccessVersion + 1,
                IsDeleted = false,
                IsPurged = false,
                ReplacedAt = now,
            };
    }

    /// <summary>The access row, which evicts all members of older groups.</summary>
    public static AccessRow Access(AccessRow? known, ArchivePreamble archive, bool withAccess, string user) =>
        new(
            withAccess ? archive.Access : known?.List ?? AccessList.Empty.With(user, Role.Owner),
            Evicted: [],
            EvictsAll: true
        );

    /// <summary>
    /// A generation above the highest known one. An existing head knows it. An archive of another deployment, with
    /// other groups, may claim a higher one, which is accepted within a gap that is small enough to empty. Without a
    /// head, generations may have been used after the archive was created.
    /// </summary>
    private static long Generation(Head? known, ArchiveManifest manifest) =>
        known is null
            ? manifest.Generation + ArchiveLimits.GenerationGap
            : Math.Max(known.Generation, Math.Min(manifest.Generation, known.Generation + ArchiveLimits.GenerationGap)) + 1;
}
