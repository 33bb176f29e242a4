using System.Text.Json;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// P5: tracks the removed resources of a project. No revision may assign one: a page that undoes the removal would stop
/// (docs/protocol-facts.md#links-to-removed-records).
/// </summary>
internal sealed class ResourceBook(World world, string project)
{
    private readonly HashSet<string> removed = new(StringComparer.Ordinal);

    /// <summary>Clears the removed resources.</summary>
    public void Forget() => removed.Clear();

    public void Check(LogEntry entry)
    {
        if (entry.ReplacesAll)
        {
            // A restored revision may lack resources too, but is not checked for it.
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
                world.Violate("P5 convergence", $"{project}: {entry.Revision} assigns a removed resource, which stops a page that undoes the removal");
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
