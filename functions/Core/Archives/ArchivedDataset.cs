using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.State;

namespace ServerlessSync.Core.Archives;

/// <summary>
/// Reads a dataset from an untrusted archive. Records are validated and normalised as in an import. Counts are checked
/// against their limits as the frames arrive.
/// </summary>
internal sealed class ArchivedDataset
{
    // The array around a record's fields.
    private const int DepthMax = DatasetLimits.DepthMax + 1;

    private readonly ArchiveItem item;
    private readonly ArchiveIndex index;
    private readonly Func<int, string> keyOf;
    private readonly long highest;
    private readonly long now;
    private readonly RecordBuilder builder = new(IdentityRule.ByForm);
    private readonly UndoJournal journal = new();
    private readonly Content content = new();
    private readonly IdRegistry memory = new();
    private readonly List<(string Session, HighWaterMark Mark)> sessions = [];
    private RecordStore? store;
    private long bytes;
    private int records;
    private int phantoms;
    private int removed;
    private bool hasProject;

    private ArchivedDataset(ArchiveItem item, ArchiveIndex index, Func<int, string> keyOf, long highest, DateTimeOffset now)
    {
        this.item = item;
        this.index = index;
        this.keyOf = keyOf;
        this.highest = highest;
        this.now = now.ToUnixTimeMilliseconds();
    }

    /// <summary>Reads a dataset.</summary>
    /// <param name="item">The item.</param>
    /// <param name="index">The contents to which records may refer.</param>
    /// <param name="keyOf">The key under which the content at a position will be stored.</param>
    /// <param name="highest">The highest revision that a mark may have.</param>
    /// <param name="now">The latest time that a mark may have.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArchiveException">The dataset is invalid.</exception>
    public static async Task<(Dataset Dataset, IReadOnlyList<(string Session, HighWaterMark Mark)> Sessions)> ReadAsync(
        ArchiveItem item,
        ArchiveIndex index,
        Func<int, string> keyOf,
        long highest,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var reader = new ArchivedDataset(item, index, keyOf, highest, now);
        while (await item.ReadFrameAsync(cancellationToken) is { } frame)
        {
            reader.Read(frame);
        }

        foreach (var whole in reader.content.Stores)
        {
            if (TreeFaults.Find(whole) is { } fault)
            {
                throw item.Fault(fault);
            }
        }

        return (Dataset.Of(reader.content, reader.memory), reader.sessions);
    }

    private void Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonGuard.TryParse(json, DepthMax, out var reason) ?? throw item.Fault(reason);
        var frame = document.RootElement;
        var count = frame.ValueKind == JsonValueKind.Array ? frame.GetArrayLength() : 0;
        switch (count > 0 ? DatasetFrames.TextOf(frame[0], DatasetLimits.StoreNameLengthMax) : null)
        {
            case DatasetFrames.Project when count == 2:
                ReadProject(frame[1]);
                break;
            case DatasetFrames.Store when count == 2:
                ReadStore(frame[1]);
                break;
            case DatasetFrames.Record when store is not null && count >= 3:
                ReadRecord(store, frame, count);
                break;
            case DatasetFrames.Phantom when count == 4 && ++phantoms <= DatasetLimits.PhantomsMax:
                memory.RememberPhantom(StoreOf(frame[1]), IdOf(frame[2], "a phantom"), IdOf(frame[3], "a phantom"), journal);
                break;
            case DatasetFrames.Removed when count == 3 && ++removed <= DatasetLimits.RemovedIdsMax:
                memory.Removed.Add(new StoreKey(StoreOf(frame[1]), IdOf(frame[2], "a removed record")), value: null, journal);
                break;
            case DatasetFrames.Session when count == 5 && sessions.Count < DeduplicationState.SessionsMax:
                ReadSession(frame);
                break;
            default:
                throw item.Fault($"a frame is not allowed here, or there are too many of its kind: {JsonGuard.Shorten(json.Span)}");
        }
    }

    private void ReadProject(JsonElement fields)
    {
        if (hasProject || fields.ValueKind != JsonValueKind.Object)
        {
            throw item.Fault("'project' is not an object, or occurs twice");
        }

        hasProject = true;
        content.Project = builder.MergeProject(content.Project, fields);
        Count(content.Project.Length);
    }

    private void ReadStore(JsonElement name)
    {
        var text = StoreOf(name);
        if (content.Find(text) is not null)
        {
            throw item.Fault($"store '{text}' occurs twice");
        }

        if (content.Stores.Count >= DatasetLimits.StoresMax)
        {
            throw item.Fault($"there are more than {DatasetLimits.StoresMax} stores");
        }

        store = content.Store(text);
    }

    private void ReadRecord(RecordStore into, JsonElement frame, int count)
    {
        if (++records > DatasetLimits.RecordsMax)
        {
            throw item.Fault($"{into.Name}: there are more than {DatasetLimits.RecordsMax} records");
        }

        var what = $"{into.Name}: record {(into.Count + 1).ToString(CultureInfo.InvariantCulture)}";
        if (RecordIds.TryRead(frame[1], out var id) is { } fault)
        {
            throw item.Fault($"{what} has an unusable id {fault}");
        }

        if (into.FindByForm(id) is { } twin)
        {
            throw item.Fault($"{into.Name}: the id {id} of record {into.Count + 1} is taken already, by {twin.Id}");
        }

        if (frame[2].ValueKind != JsonValueKind.Object)
        {
            throw item.Fault($"{what} is not an object");
        }

        if (IntervalIds.FaultOf(into.Name, frame[2]) is { } interval)
        {
            throw item.Fault($"{what}: {interval}");
        }

        // No limit on the number of fields: many changes can give a record more of them than an import may.
        var record = builder.Create(into, id, frame[2]);
        record = into.IsTree ? Place(record, frame, count, what) : Name(into, record, frame, count, what);
        Count(record.Body.Length);
        into.Set(id, record);
    }

    private DataRecord Place(DataRecord record, JsonElement frame, int count, string what)
    {
        if (
            count != 7
            || !IsInteger(frame[4], out var order)
            || frame[5].ValueKind is not (JsonValueKind.True or JsonValueKind.False)
            || !IsInteger(frame[6], out var parentIndex)
        )
        {
            throw item.Fault($"{what} has no place in its tree");
        }

        return record with
        {
            Parent = frame[3].ValueKind == JsonValueKind.Null ? default : IdOf(frame[3], what),
            Order = order,
            OrderIsField = frame[5].GetBoolean(),
            ParentIndex = parentIndex,
        };
    }

    private DataRecord Name(RecordStore into, DataRecord record, JsonElement frame, int count, string what)
    {
        if (count == 3)
        {
            return record;
        }

        return
            count == 4
            && string.Equals(into.Name, StoreNames.Versions, StringComparison.Ordinal)
            && DatasetFrames.TextOf(frame[3], int.MaxValue) is { } label
            && index.Find(record.Id, label) is { } ordinal
            ? record with { ContentKey = keyOf(ordinal) }
            : throw item.Fault($"{what} names a content that is not in the archive");
    }

    private void ReadSession(JsonElement frame)
    {
        if (
            DatasetFrames.TextOf(frame[1], MessageLimits.TokenLengthMax) is not { } session
            || !IsNumber(frame[2], ArchiveLimits.NumberMax, out var local)
            || !IsNumber(frame[3], highest, out var revision)
            || !IsNumber(frame[4], long.MaxValue, out var time)
        )
        {
            throw item.Fault(
                $"session {sessions.Count + 1}: a name of at most {MessageLimits.TokenLengthMax} characters, and whole numbers of which the revision is at most {highest}"
            );
        }

        // A mark with a future time would be remembered for too long.
        sessions.Add((session, new HighWaterMark(local, revision, Math.Min(time, now))));
    }

    private string StoreOf(JsonElement name) =>
        DatasetFrames.TextOf(name, DatasetLimits.StoreNameLengthMax) is { } text
        && StoreNames.IsUsable(text)
        && !string.Equals(text, StoreNames.Project, StringComparison.Ordinal)
            ? text
            : throw item.Fault($"{JsonGuard.Shorten(RawText.Of(name))} is not a valid store name");

    private JsonId IdOf(JsonElement value, string what) =>
        RawText.TryReadId(value, out var id)
            ? id
            : throw item.Fault($"{what} has an unusable id ({JsonGuard.Shorten(RawText.Of(value))})");

    private static bool IsInteger(JsonElement value, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number);
    }

    private static bool IsNumber(JsonElement value, long maximum, out long number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number) && number >= 0 && number <= maximum;
    }

    private void Count(int added)
    {
        bytes += added;
        if (bytes > DatasetLimits.BytesMax)
        {
            throw item.Fault($"the dataset has more than {DatasetLimits.BytesMax} bytes");
        }
    }
}
