namespace ServerlessSync.Core.Archives;

/// <summary>
/// The items of an archive's stream, in this order; each is one byte, and what it holds as a Brotli stream of its own (nothing for
/// <see cref="Absent"/>).
/// </summary>
internal enum ArchiveItemKind
{
    /// <summary>A JSON object; see <see cref="ArchiveManifest"/>.</summary>
    Manifest = 'M',

    /// <summary>The access list as JSON text.</summary>
    Access = 'A',

    /// <summary>What the contents belong to, in their order; see <see cref="ArchiveIndex"/>.</summary>
    Index = 'I',

    /// <summary>The dataset that a reset goes back to; see <see cref="DatasetFrames"/>.</summary>
    Base = 'B',

    /// <summary>The dataset as it is, and what is remembered.</summary>
    State = 'S',

    /// <summary>The content of a version, any JSON value.</summary>
    Content = 'C',

    /// <summary>In the place of a content whose rows were lost.</summary>
    Absent = 'X',

    /// <summary>The end; nothing.</summary>
    End = 'E',
}
