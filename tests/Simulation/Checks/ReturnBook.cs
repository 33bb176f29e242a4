using System.Text.Json;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// Which tasks came back under the id of one that was taken away. A link to such a task is shown again where it was never taken away, and
/// not where a dataset was loaded in between: datasets hold no link to what is not there.
/// </summary>
internal sealed class ReturnBook
{
    private readonly HashSet<string> returned = new(StringComparer.Ordinal);
    private bool hasRemoved;

    /// <summary>The string forms of their ids.</summary>
    public IReadOnlySet<string> Returned => returned;

    /// <summary>Everybody loads what follows; what it lacks may still come back.</summary>
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
            // New records have ids that were never given before.
            var known = added.EnumerateArray().Where(static record => !record.TryGetProperty("$PhantomId", out _));
            returned.UnionWith(known.Select(static record => record.GetProperty("id").GetRawText().Trim('"')));
        }

        hasRemoved |= input.TryGetProperty("removed", out _);
    }
}
