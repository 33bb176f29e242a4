using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// One record of a store; never changes. Its fields stay the JSON text that they came in, so that dates remain strings
/// and numbers keep their digits.
/// </summary>
/// <param name="Id">Its id; not part of <paramref name="Body"/>.</param>
/// <param name="Body">
/// A JSON object without white space between its fields. In a tree store it lacks <c>parentId</c> and an
/// <c>orderedParentIndex</c> that is a plain integer: moving siblings must not copy their texts.
/// </param>
internal sealed record DataRecord(JsonId Id, ReadOnlyMemory<byte> Body)
{
    /// <summary>The place of a record that states none: behind its siblings.</summary>
    public const int End = int.MaxValue;

    // Object header, fields, dictionary slots and the headers of the two arrays, measured with 100,000 records.
    private const int OverheadBytes = 260;

    /// <summary>The parent in a tree store; empty for a root.</summary>
    public JsonId Parent { get; init; }

    /// <summary>The place among the siblings.</summary>
    public int Order { get; init; } = End;

    /// <summary>Whether <see cref="Order"/> is the record's field <c>orderedParentIndex</c> and so goes out with it.</summary>
    public bool OrderIsField { get; init; }

    /// <summary>The field <c>parentIndex</c>, which decides between siblings of equal <see cref="Order"/>.</summary>
    public int ParentIndex { get; init; } = End;

    /// <summary>Its age within the store; later ones are higher.</summary>
    public long Sequence { get; init; }

    /// <summary>The key of the rows that hold the content of a version; null when there are none.</summary>
    public string? ContentKey { get; init; }

    /// <summary>Whether <see cref="Body"/> is a part of what the whole dataset was read from; see <see cref="Content.SharedBytes"/>.</summary>
    public bool SharesBody { get; init; }

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes => OverheadBytes + (SharesBody ? 0 : Body.Length) + (2L * Id.Characters);

    /// <summary>The text of a field; null when there is none.</summary>
    public byte[]? TextOf(ReadOnlySpan<byte> name)
    {
        for (var fields = new FieldReader(Body.Span); fields.Next();)
        {
            if (fields.Name.SequenceEqual(name))
            {
                return fields.Value.ToArray();
            }
        }

        return null;
    }

    /// <summary>The order of siblings.</summary>
    public static int CompareSiblings(DataRecord left, DataRecord right)
    {
        var byOrder = left.Order.CompareTo(right.Order);
        if (byOrder != 0)
        {
            return byOrder;
        }

        var byParentIndex = left.ParentIndex.CompareTo(right.ParentIndex);
        return byParentIndex != 0 ? byParentIndex : left.Sequence.CompareTo(right.Sequence);
    }
}
