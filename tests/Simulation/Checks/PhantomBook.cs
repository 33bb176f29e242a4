using System.Text.Json;
using ServerlessSync.Core.Log;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// P5: maps the phantom ids of a project to the ids that the server gave. No later revision may contain a mapped phantom id: clients would look for a
/// record that does not exist.
/// </summary>
internal sealed class PhantomBook(World world, string project)
{
    private static readonly string[] Links = ["id", "parentId", "from", "to"];

    private readonly Dictionary<string, string> real = new(StringComparer.Ordinal);

    /// <summary>Clears the map: after a restore from an archive the server knows only the ids in the archive.</summary>
    public void Forget() => real.Clear();

    public void Check(LogEntry entry)
    {
        using var document = JsonDocument.Parse(entry.Changes);
        foreach (var store in document.RootElement.EnumerateObject())
        {
            foreach (var part in Parts(store.Value))
            {
                foreach (var record in part.EnumerateArray())
                {
                    CheckRecord(entry, record);
                }
            }
        }
    }

    private static IEnumerable<JsonElement> Parts(JsonElement store)
    {
        if (store.ValueKind != JsonValueKind.Object || !store.TryGetProperty("$input", out var input))
        {
            return [];
        }

        return input.EnumerateObject().Select(static part => part.Value).Where(static part => part.ValueKind == JsonValueKind.Array);
    }

    private void CheckRecord(LogEntry entry, JsonElement record)
    {
        foreach (var link in Links)
        {
            if (
                record.TryGetProperty(link, out var value)
                && value.ValueKind == JsonValueKind.String
                && real.TryGetValue(value.GetString()!, out var id)
                && value.GetRawText() != id
            )
            {
                world.Violate("P5 convergence", $"{project}: {entry.Revision} has {link} {value}, which became {id}");
            }
        }

        if (record.TryGetProperty("$PhantomId", out var phantom) && record.TryGetProperty("id", out var given))
        {
            CheckId(entry, phantom.GetString()!, given.GetRawText());
        }
    }

    private void CheckId(LogEntry entry, string phantom, string given)
    {
        if (real.TryGetValue(phantom, out var known) && known != given)
        {
            world.Violate("P5 convergence", $"{project}: {entry.Revision} makes {phantom} {given}; it was {known}");
        }

        real[phantom] = given;
    }
}
