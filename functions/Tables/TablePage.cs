using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables;

/// <summary>Rows that were read atomically, and whether they are the last of the range.</summary>
internal readonly record struct TablePage(IReadOnlyList<TableRow> Rows, bool IsLast)
{
    public static TablePage Empty { get; } = new([], IsLast: true);
}
