using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Archives;

/// <summary>The head and the access list of a project that was restored.</summary>
internal static class RestoredHead
{
    /// <summary>The number that the project goes on at; null when numbers would end.</summary>
    public static long? Revision(Head? known, ArchiveManifest manifest)
    {
        var revision = Math.Max(known?.Revision ?? 0, manifest.Highest) + ArchiveLimits.RevisionGap;
        return revision <= ArchiveLimits.NumberMax ? revision : null;
    }

    /// <summary>The head; null when generations would end.</summary>
    /// <remarks>
    /// Everything before counts as published, and the anchor as the beginning of the log, so no number is missing. Members of older groups
    /// are moved into the present one by the next publisher, and closed, as the access list says that all must come in anew.
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

    /// <summary>The access list, under which no member of an older group stays.</summary>
    public static AccessRow Access(AccessRow? known, ArchivePreamble archive, bool withAccess, string user) =>
        new(
            withAccess ? archive.Access : known?.List ?? AccessList.Empty.With(user, Role.Owner),
            Evicted: [],
            EvictsAll: true
        );

    /// <summary>
    /// Above the highest known. A head that is there knows it; an archive of another deployment, whose groups are elsewhere, may claim more,
    /// and is believed up to a gap that can be walked through. Without a head some may have come after the archive.
    /// </summary>
    private static long Generation(Head? known, ArchiveManifest manifest) =>
        known is null
            ? manifest.Generation + ArchiveLimits.GenerationGap
            : Math.Max(known.Generation, Math.Min(manifest.Generation, known.Generation + ArchiveLimits.GenerationGap)) + 1;
}
