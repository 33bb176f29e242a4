using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>
/// Writes a dataset in the form that clients load (docs/protocol-facts.md#datasets). The output is safe to load
/// whatever is stored.
/// </summary>
internal sealed class ClientJson
{
    private const int PlaceBytes = 60;
    private const int Inactive = -1;

    private readonly Content content;
    private readonly RecordStore? tasks;
    private readonly RecordStore? events;
    private readonly RawJson json;

    private ClientJson(Content content)
    {
        this.content = content;
        tasks = content.Find(StoreNames.Tasks);
        events = content.Find(StoreNames.Events);
        // Large enough for each record's text, id and position: a buffer that does not grow is not copied.
        json = new RawJson(checked((int)Math.Min(content.TextBytes + (PlaceBytes * (long)content.Count), int.MaxValue / 2)));
    }

    /// <summary>The dataset as a JSON object.</summary>
    public static ReadOnlyMemory<byte> Write(Content content)
    {
        var writer = new ClientJson(content);
        writer.Write();
        return writer.json.Written;
    }

    private void Write()
    {
        json.BeginObject();
        foreach (var store in StoresInOrder())
        {
            json.Name(StoreNames.ToRootKey(store));
            json.BeginArray();
            if (content.Find(store) is { } records)
            {
                WriteStore(records);
            }

            json.EndArray();
        }

        json.Name(StoreNames.Project);
        json.Value(content.Project);
        json.EndObject();
    }

    private IEnumerable<string> StoresInOrder()
    {
        // A Gantt treats "eventsData" as a synonym of "tasksData": an empty list of one must not clear the other.
        var hasOnlyEvents =
            content.Find(StoreNames.Events) is { Count: > 0 } && content.Find(StoreNames.Tasks) is not { Count: > 0 };
        var always = StoreNames.AlwaysShown.Where(store =>
            !hasOnlyEvents || !string.Equals(store, StoreNames.Tasks, StringComparison.Ordinal)
        );
        var others = content
            .Stores.Where(store =>
                store.Count > 0 && !StoreNames.AlwaysShown.Contains(store.Name, StringComparer.Ordinal)
            )
            .Select(store => store.Name);
        return always.Concat(others);
    }

    private void WriteStore(RecordStore store)
    {
        if (store.IsTree)
        {
            WriteTree(store);
            return;
        }

        switch (store.Name)
        {
            case StoreNames.Dependencies:
                WriteDependencies(store);
                break;
            case StoreNames.Assignments:
                WriteAssignments(store);
                break;
            default:
                WriteFlat(store.ByAge());
                break;
        }
    }

    // Not recursive: users control the depth of the tree, so recursion could overflow the stack.
    private void WriteTree(RecordStore store)
    {
        var open = new Stack<(DataRecord[] Siblings, int Next)>();
        var roots = store.ChildrenOf(default);
        var misleads = ParentIndexMisleads(roots);
        open.Push((roots, 0));
        while (open.TryPop(out var level))
        {
            if (level.Next == level.Siblings.Length)
            {
                if (open.Count > 0)
                {
                    json.EndArray();
                    json.EndObject();
                }

                continue;
            }

            open.Push((level.Siblings, level.Next + 1));
            var record = level.Siblings[level.Next];
            var children = store.ChildrenOf(record.Id);
            BeginRecord(record);
            var isMisled = misleads && ReferenceEquals(level.Siblings, roots);
            WriteFields(record, children.Length > 0 ? FieldNames.Children : default, isMisled ? FieldNames.ParentIndex : default);
            if (isMisled)
            {
                json.Name(FieldNames.ParentIndex);
                json.Value(level.Next);
            }

            if (record.OrderIsField)
            {
                json.Name(FieldNames.OrderedParentIndex);
                json.Value(record.Order);
            }

            if (children.Length == 0)
            {
                json.EndObject();
                continue;
            }

            json.Name(FieldNames.Children);
            json.BeginArray();
            open.Push((children, 0));
        }
    }

    // Clients sort roots by this field when all of them have it (docs/protocol-facts.md#order-of-siblings). Each client
    // keeps its own numbers in it, so those of the last author may give another order than all clients show.
    private static bool ParentIndexMisleads(DataRecord[] roots)
    {
        var isOrdered = true;
        for (var index = 0; index < roots.Length; index++)
        {
            if (roots[index].ParentIndex == DataRecord.End)
            {
                return false;
            }

            isOrdered &= index == 0 || roots[index - 1].ParentIndex <= roots[index].ParentIndex;
        }

        return !isOrdered;
    }

    private void WriteDependencies(RecordStore store)
    {
        var served = new List<(DataRecord Record, int Active)>(store.Count);
        var active = new List<(DataRecord From, DataRecord To)>(store.Count);
        foreach (var record in store.ByAge())
        {
            if (Link.TryRead(record, out var link) && FindTask(link.First) is { } from && FindTask(link.Second) is { } to)
            {
                served.Add((record, link.IsActive ? active.Count : Inactive));
                if (link.IsActive)
                {
                    active.Add((from, to));
                }
            }
        }

        var closing = LinkCycles.FindClosing(active, task => task.Parent.IsEmpty ? null : FindTask(task.Parent));
        foreach (var (record, link) in served)
        {
            BeginRecord(record);
            if (link != Inactive && closing[link])
            {
                WriteFields(record, FieldNames.Active);
                json.Name(FieldNames.Active);
                json.Value("false"u8);
            }
            else
            {
                WriteFields(record, default);
            }

            json.EndObject();
        }
    }

    private void WriteAssignments(RecordStore store)
    {
        var resources = content.Find(StoreNames.Resources);
        WriteFlat(
            store
                .ByAge()
                .Where(record =>
                    Link.TryRead(record, out var link)
                    && FindTask(link.First) is not null
                    && resources?.FindByForm(link.Second) is not null
                )
        );
    }

    // Scheduler Pro calls its tasks events.
    private DataRecord? FindTask(JsonId id) => tasks?.FindByForm(id) ?? events?.FindByForm(id);

    private void WriteFlat(IEnumerable<DataRecord> records)
    {
        foreach (var record in records)
        {
            BeginRecord(record);
            WriteFields(record, default);
            json.EndObject();
        }
    }

    private void BeginRecord(DataRecord record)
    {
        json.BeginObject();
        json.Name(FieldNames.Id);
        json.Value(record.Id);
    }

    private void WriteFields(DataRecord record, ReadOnlySpan<byte> without, ReadOnlySpan<byte> alsoWithout = default)
    {
        if (without.IsEmpty && alsoWithout.IsEmpty)
        {
            json.FieldsOf(record.Body.Span);
            return;
        }

        for (var fields = new FieldReader(record.Body.Span); fields.Next();)
        {
            if (!fields.Name.SequenceEqual(without) && !fields.Name.SequenceEqual(alsoWithout))
            {
                json.Name(fields.Name);
                json.Value(fields.Value);
            }
        }
    }
}
