using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables;

/// <summary>Rows that were read at one moment, and whether the range ends with them.</summary>
internal readonly record struct TablePage(IReadOnlyList<TableRow> Rows, bool IsLast)
{
    public static TablePage Empty { get; } = new([], IsLast: true);
}
