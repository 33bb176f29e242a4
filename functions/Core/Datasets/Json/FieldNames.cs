using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>The fields that mean something to the server, as UTF-8; all others are only kept.</summary>
internal static class FieldNames
{
    public static ReadOnlySpan<byte> Id => "id"u8;
    public static ReadOnlySpan<byte> ParentId => "parentId"u8;
    public static ReadOnlySpan<byte> PhantomId => "$PhantomId"u8;
    public static ReadOnlySpan<byte> PhantomParentId => "$PhantomParentId"u8;
    public static ReadOnlySpan<byte> ParentIndex => "parentIndex"u8;
    public static ReadOnlySpan<byte> OrderedParentIndex => "orderedParentIndex"u8;
    public static ReadOnlySpan<byte> Children => "children"u8;
    public static ReadOnlySpan<byte> Added => "added"u8;
    public static ReadOnlySpan<byte> Updated => "updated"u8;
    public static ReadOnlySpan<byte> Removed => "removed"u8;
    public static ReadOnlySpan<byte> Input => "$input"u8;
    public static ReadOnlySpan<byte> Active => "active"u8;
    public static ReadOnlySpan<byte> Content => "content"u8;
    public static ReadOnlySpan<byte> Intervals => "intervals"u8;
    public static ReadOnlySpan<byte> Calendar => "calendar"u8;

    /// <summary>Whether the field holds a client-made id that must stay as it is: the author finds its record by it.</summary>
    public static bool IsPhantom(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(PhantomId) || name.SequenceEqual(PhantomParentId);

    /// <summary>Whether the field says where a record stands in its tree.</summary>
    public static bool IsPlace(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(ParentId)
        || name.SequenceEqual(PhantomParentId)
        || name.SequenceEqual(ParentIndex)
        || name.SequenceEqual(OrderedParentIndex);

    /// <summary>Whether the field is known to hold a record's id (docs/protocol-facts.md#records-and-phantoms).</summary>
    public static bool IsLink(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(Id)
        || name.SequenceEqual(ParentId)
        || name.SequenceEqual(Calendar)
        || SideOf(name) != LinkSide.None;

    /// <summary>
    /// The end of a dependency or assignment that a field names. The clients know several names for each end
    /// (docs/protocol-facts.md#datasets).
    /// </summary>
    public static LinkSide SideOf(ReadOnlySpan<byte> name) =>
        // By length first: asked for every field of every link that is served.
        name.Length switch
        {
            2 when name.SequenceEqual("to"u8) => LinkSide.To,
            4 when name.SequenceEqual("from"u8) => LinkSide.From,
            5 when name.SequenceEqual("event"u8) => LinkSide.Event,
            6 when name.SequenceEqual("toTask"u8) => LinkSide.To,
            7 when name.SequenceEqual("toEvent"u8) => LinkSide.To,
            7 when name.SequenceEqual("eventId"u8) => LinkSide.Event,
            8 when name.SequenceEqual("fromTask"u8) => LinkSide.From,
            8 when name.SequenceEqual("resource"u8) => LinkSide.Resource,
            9 when name.SequenceEqual("fromEvent"u8) => LinkSide.From,
            10 when name.SequenceEqual("resourceId"u8) => LinkSide.Resource,
            _ => LinkSide.None,
        };

    /// <summary>
    /// Which of a record's names for one end counts: the highest. Measured is that <c>from</c> counts beside <c>fromEvent</c>
    /// (docs/protocol-facts.md#links); that the others follow suit is inferred from their order.
    /// </summary>
    public static int RankOf(ReadOnlySpan<byte> name) =>
        name.EndsWith("Task"u8) ? 1
        : name.EndsWith("Event"u8) || name.EndsWith("Id"u8) ? 2
        : 3;
}

/// <summary>An end of a dependency (from, to) or of an assignment (event, resource).</summary>
internal enum LinkSide
{
    None,
    From,
    To,
    Event,
    Resource,
}
