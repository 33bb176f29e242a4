using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>
/// Writes a dataset in the form that clients load (docs/protocol-facts.md#datasets), safe to load whatever is
/// stored.
/// </summary>
internal sealed class ClientJson
{
    private const int PlaceBytes = 60;
    private const int Inactive = -1;

    private readonly Content _content;
    private readonly RecordStore? _tasks;
    private readonly RecordStore? _events;
    private readonly RawJson _json;

    private ClientJson(Content content)
    {
        _content = content;
        _tasks = content.Find(StoreNames.Tasks);
        _events = content.Find(StoreNames.Events);
        // Besides its text a record has an id and its place: a buffer that need not grow is not copied.
        _json = new RawJson(checked((int)Math.Min(content.TextBytes + (PlaceBytes * (long)content.Count), int.MaxValue / 2)));
    }

    /// <summary>The dataset as a JSON object.</summary>
    public static ReadOnlyMemory<byte> Write(Content content)
    {
        var writer = new ClientJson(content);
        writer.Write();
        return writer._json.Written;
    }

    private void Write()
    {
        _json.BeginObject();
        foreach (var store in StoresInOrder())
        {
            _json.Name(StoreNames.ToRootKey(store));
            _json.BeginArray();
            if (_content.Find(store) is { } records)
            {
                WriteStore(records);
            }

            _json.EndArray();
        }

        _json.Name(StoreNames.Project);
        _json.Value(_content.Project);
        _json.EndObject();
    }

    private IEnumerable<string> StoresInOrder()
    {
        // To a Gantt "eventsData" is another word for "tasksData": an empty list of the one must not clear the other.
        var hasOnlyEvents =
            _content.Find(StoreNames.Events) is { Count: > 0 } && _content.Find(StoreNames.Tasks) is not { Count: > 0 };
        var always = StoreNames.AlwaysShown.Where(store =>
            !hasOnlyEvents || !string.Equals(store, StoreNames.Tasks, StringComparison.Ordinal)
        );
        var others = _content
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

    // Not recursive: the depth of a tree is the users' and the stack is ours.
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
                    _json.EndArray();
                    _json.EndObject();
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
                _json.Name(FieldNames.ParentIndex);
                _json.Value(level.Next);
            }

            if (record.OrderIsField)
            {
                _json.Name(FieldNames.OrderedParentIndex);
                _json.Value(record.Order);
            }

            if (children.Length == 0)
            {
                _json.EndObject();
                continue;
            }

            _json.Name(FieldNames.Children);
            _json.BeginArray();
            open.Push((children, 0));
        }
    }

    // Clients sort roots by this field when all of them have it (docs/protocol-facts.md#order-of-siblings). Each client keeps numbers of
    // its own in it, so those of the last author may tell another order than all of them show.
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
                _json.Name(FieldNames.Active);
                _json.Value("false"u8);
            }
            else
            {
                WriteFields(record, default);
            }

            _json.EndObject();
        }
    }

    private void WriteAssignments(RecordStore store)
    {
        var resources = _content.Find(StoreNames.Resources);
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
    private DataRecord? FindTask(JsonId id) => _tasks?.FindByForm(id) ?? _events?.FindByForm(id);

    private void WriteFlat(IEnumerable<DataRecord> records)
    {
        foreach (var record in records)
        {
            BeginRecord(record);
            WriteFields(record, default);
            _json.EndObject();
        }
    }

    private void BeginRecord(DataRecord record)
    {
        _json.BeginObject();
        _json.Name(FieldNames.Id);
        _json.Value(record.Id);
    }

    private void WriteFields(DataRecord record, ReadOnlySpan<byte> without, ReadOnlySpan<byte> norThis = default)
    {
        if (without.IsEmpty && norThis.IsEmpty)
        {
            _json.FieldsOf(record.Body.Span);
            return;
        }

        for (var fields = new FieldReader(record.Body.Span); fields.Next();)
        {
            if (!fields.Name.SequenceEqual(without) && !fields.Name.SequenceEqual(norThis))
            {
                _json.Name(fields.Name);
                _json.Value(fields.Value);
            }
        }
    }
}
