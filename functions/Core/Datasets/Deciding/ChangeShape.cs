using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>Checks that a change set has the form of docs/protocol-facts.md#change-sets and keeps the limits.</summary>
internal static class ChangeShape
{
    private static readonly string[] Lists = ["added", "updated", "removed"];

    /// <summary>What is wrong, naming store, record and limit; null when nothing is.</summary>
    public static string? FaultOf(JsonElement changes)
    {
        if (changes.ValueKind != JsonValueKind.Object)
        {
            return "the change set is no object";
        }

        foreach (var part in changes.EnumerateObject())
        {
            var fault = part.NameEquals(StoreNames.Project) ? ProjectFault(part.Value) : StoreFault(part);
            if (fault is not null)
            {
                return fault;
            }
        }

        var stores = StoreChanges.AllOf(changes);
        return
            stores.Sum(store => store.Results.Count) > MessageLimits.ChangeSetRecordsMax
            || stores.Sum(store => store.Input.Count) > MessageLimits.ChangeSetRecordsMax
            ? $"the change set has more than {MessageLimits.ChangeSetRecordsMax} records"
            : null;
    }

    private static string? ProjectFault(JsonElement project)
    {
        if (project.ValueKind != JsonValueKind.Object)
        {
            return "'project' is no object";
        }

        return project.TryGetProperty(FieldNames.Input, out var input) && input.ValueKind != JsonValueKind.Object
            ? "'project.$input' is no object"
            : null;
    }

    private static string? StoreFault(JsonProperty store)
    {
        if (!StoreNames.IsUsable(store.Name))
        {
            return $"'{JsonGuard.Shorten(RecordBuilder.NameOf(store))}' cannot name a store";
        }

        if (store.Value.ValueKind != JsonValueKind.Object)
        {
            return $"store '{store.Name}' is no object";
        }

        if (PartFault(store.Name, store.Name, store.Value) is { } fault)
        {
            return fault;
        }

        if (!store.Value.TryGetProperty(FieldNames.Input, out var input))
        {
            return null;
        }

        return input.ValueKind == JsonValueKind.Object
            ? PartFault(store.Name, $"{store.Name}.$input", input)
            : $"'{store.Name}.$input' is no object";
    }

    private static string? PartFault(string store, string path, JsonElement part)
    {
        foreach (var list in Lists)
        {
            if (!part.TryGetProperty(list, out var records))
            {
                continue;
            }

            if (records.ValueKind != JsonValueKind.Array)
            {
                return $"'{path}.{list}' is no array";
            }

            var position = 0;
            foreach (var record in records.EnumerateArray())
            {
                position++;
                if (RecordFault(store, list, record) is { } fault)
                {
                    return $"{path}.{list} record {position}: {fault}";
                }
            }
        }

        return null;
    }

    private static string? RecordFault(string store, string list, JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object)
        {
            return "it is no object";
        }

        if (record.GetPropertyCount() > DatasetLimits.FieldsMax)
        {
            return $"it has more than {DatasetLimits.FieldsMax} fields";
        }

        // Without either a new record would leave without an id, and every receiver would make its own of it.
        var isNew = string.Equals(list, Lists[0], StringComparison.Ordinal);
        var idField =
            isNew && record.TryGetProperty(FieldNames.PhantomId, out _) ? FieldNames.PhantomId : FieldNames.Id;
        if (!record.TryGetProperty(idField, out var id))
        {
            return isNew ? "it has neither $PhantomId nor id" : "it has no id";
        }

        if (RecordIds.TryRead(id, out _) is { } fault)
        {
            return $"its id is unusable {fault}";
        }

        return IntervalIds.FaultOf(store, record) ?? (StoreNames.IsTree(store) ? TreeFault(record) : null);
    }

    private static string? TreeFault(JsonElement record)
    {
        if (
            record.TryGetProperty(FieldNames.ParentId, out var parent)
            && parent.ValueKind != JsonValueKind.Null
            && RecordIds.TryRead(parent, out _) is { } fault
        )
        {
            return $"its parentId is unusable {fault}";
        }

        // The clients send every record of a tree for itself; nested ones would get no ids.
        return
            record.TryGetProperty(FieldNames.Children, out var children)
            && children.ValueKind == JsonValueKind.Array
            && children.GetArrayLength() > 0
            ? "it nests 'children'; each record must stand for itself with a parentId"
            : null;
    }
}
