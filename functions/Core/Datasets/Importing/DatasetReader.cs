using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Importing;

/// <summary>
/// Reads a dataset in the form of clients and files: stores as arrays or as <c>{"rows":[…]}</c>, trees nested or flat.
/// </summary>
internal sealed class DatasetReader
{
    private readonly RecordBuilder builder = new(IdentityRule.ByForm);
    private readonly Content content = new();
    private readonly List<VersionContent> contents = [];
    private string? fault;

    /// <summary>Reads a dataset. Null, with a reason, when clients could not load it.</summary>
    public static Content? TryRead(
        ReadOnlyMemory<byte> json,
        out IReadOnlyList<VersionContent> contents,
        out string reason
    )
    {
        var reader = new DatasetReader();
        reader.Read(json);
        contents = reader.contents;
        reason = reader.fault ?? string.Empty;
        return reader.fault is null ? reader.content : null;
    }

    private void Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > DatasetLimits.BytesMax)
        {
            fault = $"the dataset has {json.Length} bytes; at most {DatasetLimits.BytesMax} are allowed";
            return;
        }

        using var document = JsonGuard.TryParse(json, DatasetLimits.DepthMax, out var reason);
        if (document is null)
        {
            fault = reason;
            return;
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            fault = "the dataset is not an object";
            return;
        }

        foreach (var part in document.RootElement.EnumerateObject())
        {
            ReadPart(part);
            if (fault is not null)
            {
                return;
            }
        }
    }

    private void ReadPart(JsonProperty part)
    {
        var name = StoreNames.FromRootKey(part.Name);
        if (string.Equals(part.Name, StoreNames.Project, StringComparison.Ordinal))
        {
            ReadProject(part.Value);
        }
        else if (!StoreNames.IsUsable(name))
        {
            fault = $"'{part.Name}' is not a valid store name";
        }
        else if (part.Value.ValueKind == JsonValueKind.Array)
        {
            ReadStore(name, part.Value);
        }
        else if (part.Value.ValueKind == JsonValueKind.Object)
        {
            // The form of the answer to a load request.
            if (part.Value.TryGetProperty("rows"u8, out var rows) && rows.ValueKind == JsonValueKind.Array)
            {
                ReadStore(name, rows);
            }
            else
            {
                fault = $"store '{name}' is neither an array nor an object with an array 'rows'";
            }
        }

        // Anything else at this level belongs to the message around the data ("success", "requestId").
    }

    private void ReadProject(JsonElement project)
    {
        if (project.ValueKind == JsonValueKind.Object)
        {
            content.Project = builder.MergeProject(content.Project, project);
        }
        else if (project.ValueKind != JsonValueKind.Null)
        {
            fault = "'project' is not an object";
        }
    }

    private void ReadStore(string name, JsonElement rows)
    {
        if (content.Find(name) is not null)
        {
            fault = $"store '{name}' occurs twice";
        }
        else if (content.Stores.Count >= DatasetLimits.StoresMax)
        {
            fault = $"there are more than {DatasetLimits.StoresMax} stores";
        }
        else
        {
            var store = content.Store(name);
            var used = new Dictionary<JsonId, (JsonId Id, int Position)>(JsonId.ByForm);
            var ids = CollectIds(store, rows, used);
            if (fault is null)
            {
                AddRecords(store, rows, ids, used);
                fault ??= TreeFaults.Find(store);
            }
        }
    }

    // The stated ids in document order, a parent before its children; empty where a record states none.
    private List<JsonId> CollectIds(
        RecordStore store,
        JsonElement rows,
        Dictionary<JsonId, (JsonId Id, int Position)> used
    )
    {
        var ids = new List<JsonId>();
        var total = content.Count;
        foreach (var row in NestedRow.AllOf(store, rows))
        {
            var position = ids.Count + 1;
            var id = default(JsonId);
            if (row.Element.ValueKind != JsonValueKind.Object)
            {
                fault = $"{store.Name}: record {position} is not an object";
            }
            else if (row.Element.GetPropertyCount() > DatasetLimits.FieldsMax)
            {
                fault = $"{store.Name}: record {position} has more than {DatasetLimits.FieldsMax} fields";
            }
            else if (total + position > DatasetLimits.RecordsMax)
            {
                fault = $"{store.Name}: there are more than {DatasetLimits.RecordsMax} records";
            }
            else if (row.Element.TryGetProperty(FieldNames.Id, out var value) && value.ValueKind != JsonValueKind.Null)
            {
                if (RecordIds.TryRead(value, out id) is { } idFault)
                {
                    fault = $"{store.Name}: record {position} has an unusable id {idFault}";
                }
                else if (!used.TryAdd(id, (id, position)))
                {
                    var (first, at) = used[id];
                    fault =
                        $"{store.Name}: the id {id} of record {position} and the id {first} of record {at} are the same to a browser";
                }
            }

            fault ??= IntervalIds.FaultOf(store.Name, row.Element) is { } interval
                ? $"{store.Name}: record {position}: {interval}"
                : null;

            if (fault is not null)
            {
                return ids;
            }

            ids.Add(id);
        }

        return ids;
    }

    private void AddRecords(
        RecordStore store,
        JsonElement rows,
        List<JsonId> ids,
        Dictionary<JsonId, (JsonId Id, int Position)> used
    )
    {
        var order = new ImportedOrder();
        var position = 0;
        foreach (var row in NestedRow.AllOf(store, rows))
        {
            ids[position] = ids[position].IsEmpty ? MakeId(store, position + 1, used) : ids[position];
            var record = builder.Create(store, ids[position], row.Element);
            if (store.IsTree)
            {
                var parent = row.Parent < 0 ? StatedParent(store, row.Element, position + 1) : ids[row.Parent];
                order.Add(record with { Parent = parent }, row);
            }
            else
            {
                store.Set(record.Id, record);
            }

            if (fault is not null)
            {
                return;
            }

            SetContentApart(store, record.Id, row.Element);
            position++;
        }

        // By age, the order that most readers of a store need.
        foreach (var record in order.Placed().OrderBy(static record => record.Sequence))
        {
            store.Set(record.Id, record);
        }
    }

    private void SetContentApart(RecordStore store, JsonId id, JsonElement row)
    {
        if (
            StoreNames.IsStoredApart(store.Name, FieldNames.Content)
            && row.TryGetProperty(FieldNames.Content, out var content)
            && content.ValueKind != JsonValueKind.Null
        )
        {
            contents.Add(new VersionContent(id, RawText.Of(content).ToArray()));
        }
    }

    private JsonId StatedParent(RecordStore store, JsonElement row, int position)
    {
        var parent = default(JsonId);
        if (
            row.TryGetProperty(FieldNames.ParentId, out var value)
            && value.ValueKind != JsonValueKind.Null
            && RecordIds.TryRead(value, out parent) is { } idFault
        )
        {
            fault = $"{store.Name}: record {position} has an unusable parentId {idFault}";
        }

        return parent;
    }

    // The number is the record's position in the file, so that reading a file twice gives the same ids.
    private static JsonId MakeId(
        RecordStore store,
        int position,
        Dictionary<JsonId, (JsonId Id, int Position)> used
    )
    {
        var stem = $"{store.Name}-b{position.ToString(CultureInfo.InvariantCulture)}";
        var id = JsonId.Of(stem);
        for (var next = 2; !used.TryAdd(id, (id, position)); next++)
        {
            id = JsonId.Of($"{stem}-{next.ToString(CultureInfo.InvariantCulture)}");
        }

        return id;
    }
}
