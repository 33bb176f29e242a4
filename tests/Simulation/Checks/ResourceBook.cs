using System.Text.Json;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// Which resources of a project are gone, by what users did: who took one away and takes that back meets whatever was assigned to it
/// since, and stops (bryntum-protocol.md 12).
/// </summary>
internal sealed class ResourceBook(World world, string project)
{
    private readonly HashSet<string> removed = new(StringComparer.Ordinal);

    /// <summary>Forgets which are gone.</summary>
    public void Forget() => removed.Clear();

    public void Check(LogEntry entry)
    {
        if (entry.ReplacesAll)
        {
            // What a restore goes back to may lack some; that is not looked at.
            removed.Clear();
            return;
        }

        using var document = JsonDocument.Parse(entry.Changes);
        foreach (var record in InputOf(document.RootElement, "resources", "removed"))
        {
            removed.Add(record.GetProperty("id").GetRawText());
        }

        foreach (var record in InputOf(document.RootElement, "resources", "added"))
        {
            removed.Remove(record.GetProperty("id").GetRawText());
        }

        foreach (var record in InputOf(document.RootElement, "assignments", "added"))
        {
            if (removed.Contains(record.GetProperty("resource").GetRawText()))
            {
                world.Violate("P5 convergence", $"{project}: {entry.Revision} assigns a resource that is gone, which stops the page that brings it back");
            }
        }
    }

    private static IEnumerable<JsonElement> InputOf(JsonElement changes, string store, string part) =>
        changes.TryGetProperty(store, out var changed)
        && changed.TryGetProperty("$input", out var input)
        && input.TryGetProperty(part, out var records)
            ? records.EnumerateArray()
            : [];
}
