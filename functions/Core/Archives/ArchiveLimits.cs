using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Archives;

/// <summary>Limits of an archive. The reason of a refusal names the limit and the part.</summary>
public static class ArchiveLimits
{
    /// <summary>
    /// Bytes of one part. A Functions host accepts request bodies of at most 100 MiB within one minute. A slow line can
    /// transfer 8 MiB in that time, and a process holds at most two parts of an archive.
    /// </summary>
    public const int PartBytesMax = 8 * 1024 * 1024;

    /// <summary>
    /// Parts of one archive: 32 GiB, ten times the size of 200,000 records with versions of some pages each.
    /// </summary>
    public const int PartsMax = 4_096;

    /// <summary>
    /// Unpacked bytes of a dataset in an archive: the texts of all records (<see cref="DatasetLimits.BytesMax"/>) and
    /// as much again for ids, positions and remembered ids.
    /// </summary>
    public const long DatasetBytesMax = 2L * DatasetLimits.BytesMax;

    /// <summary>Unpacked bytes of a version's content: it can come from a dataset file, which is not larger.</summary>
    public const int ContentBytesMax = DatasetLimits.BytesMax;

    /// <summary>
    /// Unpacked bytes of the manifest or the access list: 200 names of 100 characters in any script, escaped.
    /// </summary>
    public const int NoteBytesMax = 256 * 1024;

    /// <summary>Unpacked bytes of the list of contents: up to 600 bytes per content.</summary>
    public const int IndexBytesMax = 128 * 1024 * 1024;

    /// <summary>Contents of versions, of the state and the base together.</summary>
    public const int ContentsMax = 2 * DatasetLimits.RecordsMax;

    /// <summary>Archives and uploads of one project at the same time: each is a full copy.</summary>
    public const int OpenMax = 4;

    /// <summary>The largest revision or generation: the largest safe integer of JavaScript.</summary>
    public const long NumberMax = (1L << 53) - 1;

    /// <summary>
    /// The gap between the highest known revision and the first one of a restored project (promise P1): pages may have
    /// seen revisions that were lost with the storage. The busiest project measured makes fewer than this in a minute.
    /// </summary>
    public const long RevisionGap = 1_000_000;

    /// <summary>
    /// The same for generations of the group when the head with the last one is lost. Each failed send may have used
    /// one. Each one in the gap is a group to empty, 50 per call.
    /// </summary>
    public const long GenerationGap = 1_000;
}
