using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Deciding;

/// <summary>
/// Links to removed records that stop clients: who removed the record and takes that back meets the link before the record is there
/// (docs/protocol-facts.md#links-to-removed-records). Judged on what the user did; what an author's engine derived is sent by every
/// page, and is cut instead.
/// </summary>
internal static class GoneLinks
{
    /// <summary>
    /// The pairs that were measured as fatal. Measured as harmless: an assignment or dependency of a task, a child of a task, a calendar of a task.
    /// </summary>
    private static readonly (string Store, LinkSide Side, string Target)[] Fatal =
    [
        (StoreNames.Assignments, LinkSide.Resource, StoreNames.Resources),
    ];

    /// <summary>Why a change set cannot be taken; null when none of its links is of that kind.</summary>
    public static string? FaultOf(Content content, IdRegistry memory, IReadOnlyList<StoreChanges> changes, IdAssignment ids)
    {
        foreach (var (store, side, target) in Fatal)
        {
            if (changes.FirstOrDefault(change => string.Equals(change.Store, store, StringComparison.Ordinal)) is not { } change)
            {
                continue;
            }

            var comingBack = AddedTo(target, changes, ids);
            foreach (var record in change.Input.Added.Concat(change.Input.Updated))
            {
                foreach (var link in LinksOf(record, side).Select(link => ids.Resolve(store, link)))
                {
                    if (content.Find(target)?.FindByForm(link) is null && !comingBack.Contains(link) && WasRemoved(memory, target, link))
                    {
                        return $"{store}: {link} of {target}, which a record links to, was removed";
                    }
                }
            }
        }

        return null;
    }

    private static bool WasRemoved(IdRegistry memory, string store, JsonId id) =>
        memory.Removed.Contains(new StoreKey(store, id)) || memory.Removed.Contains(new StoreKey(store, id.Twin));

    private static HashSet<JsonId> AddedTo(string target, IReadOnlyList<StoreChanges> changes, IdAssignment ids) =>
        changes
            .Where(change => string.Equals(change.Store, target, StringComparison.Ordinal))
            .SelectMany(static change => change.Results.Added.Concat(change.Input.Added))
            .Select(record => ids.IdOf(target, record))
            .ToHashSet(JsonId.ByForm);

    private static IEnumerable<JsonId> LinksOf(JsonElement record, LinkSide side)
    {
        foreach (var field in record.EnumerateObject())
        {
            if (FieldNames.SideOf(RecordBuilder.NameOf(field)) != side)
            {
                continue;
            }

            // Clients take an object for the record that its id names.
            if (RawText.TryReadId(field.Value, out var id))
            {
                yield return id;
            }
            else if (field.Value.ValueKind == JsonValueKind.Object && ChangePart.TryReadId(field.Value, FieldNames.Id, out var named))
            {
                yield return named;
            }
        }
    }
}
