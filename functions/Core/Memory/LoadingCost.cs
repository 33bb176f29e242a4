namespace ServerlessSync.Core.Memory;

/// <summary>What loading and writing projects takes beside what is left in the end, as multiples of the bytes of their JSON text.</summary>
internal static class LoadingCost
{
    /// <summary>An engine without a project: mailbox, loop, tables. Measured at about half of it.</summary>
    public const long EngineBytes = 32 * 1024;

    /// <summary>
    /// Objects that are made of a stored state beside its text, which they share: 260 bytes a record, and records of 130 bytes are small.
    /// </summary>
    public const int Parse = 2;

    /// <summary>A buffer that grows to the text by doubling, its last copy, and the compressed form.</summary>
    public const int Write = 4;

    /// <summary>The text for clients, and its copy in a message.</summary>
    public const int Show = 2;

    /// <summary>
    /// A file that is imported, beside its bytes: the parsed document, a copy of each record, objects as for <see cref="Parse"/>, and the
    /// stored form as for <see cref="Write"/>. Measured at 9 with 22 MB of small tasks, garbage that is not collected yet included; a third is to spare.
    /// </summary>
    public const int Import = 12;
}
