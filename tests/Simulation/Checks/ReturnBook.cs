using System.Text.Json;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// Tracks tasks that were removed and added again under the same id. Pages that were connected throughout show the links to such a task again. Pages
/// that loaded a dataset in between do not: datasets contain no links to missing records.
/// </summary>
internal sealed class ReturnBook
{
    private readonly HashSet<string> returned = new(StringComparer.Ordinal);
    private bool hasRemoved;

    /// <summary>The string forms of the ids of such tasks.</summary>
    public IReadOnlySet<string> Returned => returned;

    /// <summary>Clears the ids: every page loads the data that follow. A task that was removed before may still be added again.</summary>
    public void Forget() => returned.Clear();

    public void Note(LogEntry entry)
    {
        if (entry.ReplacesAll)
        {
            Forget();
            return;
        }

        using var document = JsonDocument.Parse(entry.Changes);
        var changes = document.RootElement;
        if (!changes.TryGetProperty("tasks", out var tasks) || !tasks.TryGetProperty("$input", out var input))
        {
            return;
        }

        if (hasRemoved && input.TryGetProperty("added", out var added))
        {
            // New records get unused ids.
            var known = added.EnumerateArray().Where(static record => !record.TryGetProperty("$PhantomId", out _));
            returned.UnionWith(known.Select(static record => record.GetProperty("id").GetRawText().Trim('"')));
        }

        hasRemoved |= input.TryGetProperty("removed", out _);
    }
}
