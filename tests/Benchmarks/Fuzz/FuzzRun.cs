using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;
using ServerlessSync.Protocol;

namespace ServerlessSync.Benchmarks.Fuzz;

/// <summary>One run, fully determined by its seed.</summary>
internal sealed class FuzzRun(int seed)
{
    /// <summary>
    /// The longest time that a change set below 64 KiB may take; the slowest known ones take a tenth of it on a busy
    /// machine.
    /// </summary>
    private static readonly TimeSpan DurationMax = TimeSpan.FromMilliseconds(500);

    /// <summary>The most memory that may be held at the end. A project of this size takes about 1 MiB.</summary>
    private const long HeapBytesMax = 256L * 1024 * 1024;

    /// <summary>Change sets between two checks of the whole dataset.</summary>
    private const int CheckEvery = 50;

    /// <summary>Checks between two fresh projects.</summary>
    private const int RenewEvery = 40;

    private readonly BryntumDialect dialect = new();
    private readonly Mutator mutator = new(seed);
    private Dataset dataset = Load();

    public int Tried { get; private set; }

    public int Malformed { get; private set; }

    public int Refused { get; private set; }

    public int Accepted { get; private set; }

    public int Cut { get; private set; }

    public int Served { get; private set; }

    public TimeSpan Slowest { get; private set; }

    public int SlowestCase { get; private set; }

    public long HeapBytes { get; private set; }

    /// <summary>Tries change sets; returns the finding, or null.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Any exception is a finding.")]
    public string? Try(int count)
    {
        while (Tried < count)
        {
            Tried++;
            var changes = mutator.Next();
            string? finding;
            try
            {
                finding = TryOne(changes);
            }
            catch (Exception exception)
            {
                finding = exception.ToString();
            }

            if (finding is not null)
            {
                return $"{finding}\n{Encoding.UTF8.GetString(changes)}";
            }
        }

        HeapBytes = GC.GetTotalMemory(forceFullCollection: true);
        return HeapBytes > HeapBytesMax ? $"{HeapBytes} bytes are held" : null;
    }

    private string? TryOne(byte[] changes)
    {
        var started = TimeProvider.System.GetTimestamp();
        var finding = Submit(changes);
        if (finding is null && Tried % CheckEvery == 0)
        {
            finding = Check();
        }

        var duration = TimeProvider.System.GetElapsedTime(started);
        if (duration > Slowest)
        {
            (Slowest, SlowestCase) = (duration, Tried);
        }

        return finding ?? (duration > DurationMax ? $"it took {duration}" : null);
    }

    private string? Submit(byte[] changes)
    {
        byte[] frame =
        [
            .. """{"command":"project_change","data":{"project":1,"revisions":[{"revision":"local-1","changes":"""u8,
            .. changes,
            .. "}]}}"u8,
        ];
        // What the frame reader refuses, the decision must refuse too, or handle safely: logs may contain it.
        var command = dialect.Read(frame) as ClientCommand.ProjectChange;
        Malformed += command is null ? 1 : 0;
        switch (dataset.Decide(command?.Revisions[0].Changes ?? changes, Tried))
        {
            case ChangeDecision.Refused refused:
                Refused++;
                return refused.Reason.Length is 0 or > 500 ? $"the reason has {refused.Reason.Length} characters" : null;
            case ChangeDecision.Accepted accepted:
                Accepted++;
                Cut += accepted.Cut ? 1 : 0;
                dataset.Mark();
                dataset.Apply(accepted.Changes, accepted.Cut);
                if (Tried % 3 == 0)
                {
                    dataset.Rollback();
                    dataset.Apply(accepted.Changes, accepted.Cut);
                }
                else
                {
                    dataset.Release();
                }

                return FaultOf(accepted.Changes);
            default:
                return "no decision";
        }
    }

    /// <summary>A new record that is published without an id makes every receiver invent its own.</summary>
    private static string? FaultOf(ReadOnlyMemory<byte> changes)
    {
        using var document = JsonDocument.Parse(changes, new JsonDocumentOptions { MaxDepth = MessageLimits.DepthMax });
        foreach (var store in document.RootElement.EnumerateObject().Where(static store => !store.NameEquals("project")))
        {
            if (
                store.Value.TryGetProperty("added", out var added)
                && added.EnumerateArray().Any(static record => !record.TryGetProperty("id", out _))
            )
            {
                return $"a new record of {store.Name} has no id";
            }
        }

        return null;
    }

    private string? Check()
    {
        Served++;
        var shown = dataset.ToClientJson();
        if (Dataset.Parse(shown) is DatasetResult.Malformed malformed)
        {
            return $"the dataset cannot be loaded: {malformed.Reason}";
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { SkipValidation = true }))
        {
            dataset.WriteSnapshot(writer);
        }

        var snapshot = stream.ToArray();
        var reader = new Utf8JsonReader(snapshot, new JsonReaderOptions { MaxDepth = DatasetLimits.DepthMax });
        dataset = Dataset.ReadSnapshot(ref reader, snapshot);
        if (!dataset.ToClientJson().Span.SequenceEqual(shown.Span))
        {
            return "the snapshot shows another dataset";
        }

        if (Served % RenewEvery == 0)
        {
            dataset = Load();
        }

        return null;
    }

    private static Dataset Load() =>
        ((DatasetResult.Parsed)Dataset.Parse(Encoding.UTF8.GetBytes(Corpus.Base))).Dataset;
}
