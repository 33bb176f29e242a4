using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Simulation.Checks;

/// <summary>Records every transaction at the moment it becomes durable, and checks it.</summary>
internal sealed class Ledger(World world)
{
    private readonly Dictionary<string, ProjectAccount> accounts = new(StringComparer.Ordinal);

    public ProjectAccount Of(ProjectId project) => Of(project.Key);

    /// <summary>Begins a project's log with the payloads that this head names. Call it before <see cref="Note"/>.</summary>
    public void Begin(string partition, Head head, LogPeriod period) => Of(partition).Begin(period, head);

    /// <summary>The head in a transaction with which a log begins; null when none does.</summary>
    public Head? FindBeginning(string partition, IReadOnlyList<TableAction> actions)
    {
        foreach (var action in actions)
        {
            var properties = action switch
            {
                TableAction.Insert { RowKey: RowKeys.Head } insert => insert.Properties,
                TableAction.Replace { RowKey: RowKeys.Head } replace => replace.Properties,
                TableAction.Upsert { RowKey: RowKeys.Head } upsert => upsert.Properties,
                _ => null,
            };
            if (properties is not null && Read(partition, properties) is { BaseKey.Length: > 0 } head && Of(partition).BeginsAnew(head))
            {
                return head;
            }
        }

        return null;
    }

    public void Note(string partition, IReadOnlyList<TableAction> actions)
    {
        var rows = new List<TableRow>();
        var account = Of(partition);
        foreach (var action in actions)
        {
            switch (action)
            {
                case TableAction.Insert insert when insert.RowKey.StartsWith("c-", StringComparison.Ordinal):
                    rows.Add(new TableRow(partition, insert.RowKey, new ETag("ledger"), insert.Properties));
                    break;
                case TableAction.Insert { RowKey: RowKeys.Access } access:
                    account.Access.Note(account.Revision, ReadAccess(partition, access.Properties), world.Time.Elapsed);
                    break;
                case TableAction.Upsert { RowKey: RowKeys.Access } access:
                    account.Access.Note(account.Revision, ReadAccess(partition, access.Properties), world.Time.Elapsed);
                    break;
                case TableAction.Insert { RowKey: RowKeys.Head } head:
                    account.NoteHead(Read(partition, head.Properties));
                    break;
                case TableAction.Replace { RowKey: RowKeys.Head } head:
                    account.NoteHead(Read(partition, head.Properties));
                    break;
                case TableAction.Upsert { RowKey: RowKeys.Head } head:
                    account.NoteHead(Read(partition, head.Properties));
                    break;
                default:
                    break;
            }
        }

        if (rows.Count > 0)
        {
            account.NoteCommit(CommitCodec.FromRows(rows));
        }
    }

    private static AccessList ReadAccess(string partition, IReadOnlyDictionary<string, TableValue> properties) =>
        AccessRow.FromRow(new TableRow(partition, RowKeys.Access, new ETag("ledger"), properties)).List;

    private static Head Read(string partition, IReadOnlyDictionary<string, TableValue> properties) =>
        Head.FromRow(new TableRow(partition, RowKeys.Head, new ETag("ledger"), properties));

    private ProjectAccount Of(string partition)
    {
        if (!accounts.TryGetValue(partition, out var account))
        {
            accounts[partition] = account = new ProjectAccount(world, partition);
        }

        return account;
    }
}
