using System.Text.Json;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Soak.Clients;

namespace ServerlessSync.Soak.Checks;

/// <summary>Compares the stored log of a project with what its editors sent, received and show.</summary>
internal sealed class LogAudit(ITableStore store, Crowd crowd)
{
    private readonly Dictionary<string, List<long>> found = new(StringComparer.Ordinal);

    /// <summary>Reads the whole log; all editors must have followed to its head. Returns the head.</summary>
    public async Task<Head> RunAsync(CancellationToken cancellationToken)
    {
        using var id = JsonDocument.Parse(crowd.Project);
        var project = JsonId.TryRead(id.RootElement, out var read)
            ? new ProjectId(read)
            : throw new InvalidDataException($"{crowd.Project} is not a project id.");
        var log = new ProjectLog(store, project);
        var head =
            (await log.ReadHeadAsync(cancellationToken))?.Value
            ?? throw new InvalidDataException($"Project {project} has no head.");
        var (start, from) = crowd.Start;
        var view = start.Copy();
        var last = from;
        await foreach (var entry in log.ReadEntriesAsync(from + 1, head.Revision, cancellationToken))
        {
            if (entry.Revision != last + 1)
            {
                Add(Finding.OutOfOrder, $"the log goes from {last} to {entry.Revision}");
            }

            last = entry.Revision;
            Note(entry);
            view.Apply(JsonSerializer.Deserialize<JsonElement>(entry.Changes.Span));
            if (crowd.Datasets.TryGetValue(last, out var dataset) && dataset.Names != view.Text)
            {
                Add(Finding.Wrong, $"the dataset that {dataset.Editor} got at {last} is not what the log leads to");
            }
        }

        if (last != head.Revision)
        {
            Add(Finding.Lost, $"the log ends at {last}, and its head says {head.Revision}");
        }

        foreach (var editor in crowd.Editors)
        {
            Compare(editor, view, head);
        }

        return head;
    }

    private void Note(LogEntry entry)
    {
        if (entry.Session is null)
        {
            return;
        }

        // Sessions and local revisions are stored as the JSON texts in which they arrived.
        var session = Text(entry.Session);
        if (!found.TryGetValue(session, out var numbers))
        {
            found.Add(session, numbers = []);
        }

        var edit = int.Parse(Text(entry.LocalRevision).AsSpan("local-".Length));
        if (edit <= numbers.Count)
        {
            Add(Finding.Duplicated, $"edit {edit} of {session} is in the log as {numbers[edit - 1]} and as {entry.Revision}");
            return;
        }

        while (numbers.Count < edit - 1)
        {
            Add(Finding.Lost, $"edit {numbers.Count + 1} of {session} is not in the log before {edit}");
            numbers.Add(0);
        }

        numbers.Add(entry.Revision);
    }

    private void Compare(Editor editor, View view, Head head)
    {
        var numbers = found.GetValueOrDefault(editor.Session, []);
        for (var edit = 1; edit <= editor.Accepted.Count; edit++)
        {
            var told = editor.Accepted[edit - 1];
            if (told != 0 && (edit > numbers.Count || numbers[edit - 1] != told))
            {
                Add(Finding.Lost, $"edit {edit} of {editor.Session} was acknowledged as {told} and is not there in the log");
            }
        }

        if (editor.Revision != head.Revision || editor.View.Text != view.Text)
        {
            Add(Finding.Wrong, $"{editor.Session} stands at {editor.Revision} of {head.Revision} and shows something else than the log");
        }
    }

    private void Add(Finding finding, string what) => crowd.Findings.Add(finding, $"project {crowd.Project}: {what}");

    private static string Text(string json) =>
        json.StartsWith('"') ? JsonSerializer.Deserialize<string>(json)! : json;
}
