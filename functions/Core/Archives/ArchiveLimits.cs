using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Archives;

/// <summary>Limits of an archive. What is over one is refused with a reason that names it and the part.</summary>
public static class ArchiveLimits
{
    /// <summary>
    /// Bytes of one part. A request body of a Functions host has at most 100 MiB and one minute; 8 MiB pass a slow line in that time, and
    /// two of them are all that a process holds of an archive.
    /// </summary>
    public const int PartBytesMax = 8 * 1024 * 1024;

    /// <summary>Parts of one archive: 32 GiB, ten times what 200,000 records with versions of some pages each come to.</summary>
    public const int PartsMax = 4_096;

    /// <summary>
    /// Bytes of a dataset in an archive once it is unpacked: the texts of all records (<see cref="DatasetLimits.BytesMax"/>) and as much
    /// again for ids, places and what is remembered.
    /// </summary>
    public const long DatasetBytesMax = 2L * DatasetLimits.BytesMax;

    /// <summary>Bytes of a version's content once it is unpacked: it came in a dataset file, which has no more.</summary>
    public const int ContentBytesMax = DatasetLimits.BytesMax;

    /// <summary>Bytes of the manifest or of the access list once it is unpacked: 200 names of 100 characters in any script, escaped.</summary>
    public const int NoteBytesMax = 256 * 1024;

    /// <summary>Bytes of the list of contents once it is unpacked: one line of up to 600 bytes for each.</summary>
    public const int IndexBytesMax = 128 * 1024 * 1024;

    /// <summary>Contents of versions: those of the state, and those of the base.</summary>
    public const int ContentsMax = 2 * DatasetLimits.RecordsMax;

    /// <summary>Archives and uploads of one project that are kept at the same time: each is a copy of all that it has.</summary>
    public const int OpenMax = 4;

    /// <summary>The largest revision or generation: beyond 2^53 a browser no longer tells two numbers apart.</summary>
    public const long NumberMax = (1L << 53) - 1;

    /// <summary>
    /// How far above the highest known number a restored project goes on (promise P1): pages may have seen numbers that were lost with the
    /// storage, and the busiest project measured makes fewer than this in a minute.
    /// </summary>
    public const long RevisionGap = 1_000_000;

    /// <summary>
    /// The same for generations of the group, where the head that knew the last one is gone. Each failed send may have made one; every one
    /// in the gap is a group to be emptied, 50 in a call.
    /// </summary>
    public const long GenerationGap = 1_000;
}
