namespace ServerlessSync.Core.Archives;

/// <summary>
/// The items of an archive's stream, in this order. Each is one byte for the kind, followed by its content as a
/// separate Brotli stream (nothing for <see cref="Absent"/>).
/// </summary>
internal enum ArchiveItemKind
{
    /// <summary>A JSON object; see <see cref="ArchiveManifest"/>.</summary>
    Manifest = 'M',

    /// <summary>The access list as JSON text.</summary>
    Access = 'A',

    /// <summary>The index of the contents; see <see cref="ArchiveIndex"/>.</summary>
    Index = 'I',

    /// <summary>The dataset to which a reset returns; see <see cref="DatasetFrames"/>.</summary>
    Base = 'B',

    /// <summary>The current dataset and the remembered ids and sessions.</summary>
    State = 'S',

    /// <summary>The content of a version, any JSON value.</summary>
    Content = 'C',

    /// <summary>Replaces a content whose rows were lost.</summary>
    Absent = 'X',

    /// <summary>The end; no content.</summary>
    End = 'E',
}
