namespace ServerlessSync.Core.Memory;

/// <summary>
/// The temporary memory of loading and writing projects, as multiples of the bytes of their JSON text.
/// </summary>
internal static class LoadingCost
{
    /// <summary>Bytes of an engine without its project: mailbox, loop, tables. Measured at about half.</summary>
    public const long EngineBytes = 32 * 1024;

    /// <summary>
    /// The objects of a loaded state, beside the text that they share: 260 bytes per record, where a small record has
    /// 130 bytes of text.
    /// </summary>
    public const int Parse = 2;

    /// <summary>A buffer that grows by doubling, its last copy, and the compressed form.</summary>
    public const int Write = 4;

    /// <summary>The text for clients and its copy in a message.</summary>
    public const int Show = 2;

    /// <summary>
    /// An imported file, beside its bytes: the parsed document, a copy of each record, objects as for
    /// <see cref="Parse"/>, and the stored form as for <see cref="Write"/>. Measured at 9 for 22 MB of small tasks,
    /// including garbage not yet collected; the rest is reserve.
    /// </summary>
    public const int Import = 12;
}
