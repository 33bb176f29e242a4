using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Snapshots;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// The folded state of one project: its records, its fields, and the ids that it remembers. Not thread-safe.
/// </summary>
public sealed class Dataset
{
    private readonly UndoJournal journal = new();
    private readonly IdRegistry memory;
    private Content stored;

    // The loadable content, computed on first use.
    private Loadable? loadable;

    private Dataset(Content content, IdRegistry memory)
    {
        stored = content;
        this.memory = memory;
    }

    /// <summary>Whether clients can load it as it is stored; see <see cref="Renamed"/>.</summary>
    public bool IsSound => ReferenceEquals(Shown.Content, stored);

    /// <summary>
    /// The records that earlier versions stored under ids that crash clients: two with the same string form, or names
    /// that every JavaScript object has. They are served under other ids, which the next change set makes part of the
    /// state.
    /// </summary>
    public IReadOnlyList<RenamedRecord> Renamed => Shown.Renamed;

    /// <summary>Creates a dataset of content and memory that the caller has validated.</summary>
    internal static Dataset Of(Content content, IdRegistry memory) => new(content, memory);

    /// <summary>The content as clients load it.</summary>
    internal Content Content => Shown.Content;

    /// <summary>The ids that it remembers.</summary>
    internal IdRegistry Memory => memory;

    /// <summary>
    /// Reads a dataset in the form of clients and files: stores under <c>tasksData</c>, <c>tasks</c> and the like, as
    /// arrays or as <c>{"rows":[…]}</c>; tasks, events, resources and calendars nested in <c>children</c> or flat with
    /// <c>parentId</c>; the project's fields under <c>project</c>. A record without an id gets
    /// <c>&lt;store&gt;-b&lt;n&gt;</c>, where n is its position in the store. Limits: <see cref="DatasetLimits"/>.
    /// </summary>
    public static DatasetResult Parse(ReadOnlyMemory<byte> json) =>
        DatasetReader.TryRead(json, out var contents, out var reason) is { } content
            ? new DatasetResult.Parsed(new Dataset(content, new IdRegistry()), contents)
            : new DatasetResult.Malformed(reason);

    /// <summary>Reads the output of <see cref="WriteSnapshot"/>.</summary>
    /// <param name="reader">Positioned before the value or on its first token; afterwards on its last.</param>
    /// <param name="json">
    /// The whole text that the reader reads. The dataset keeps using it, so it must not change.
    /// </param>
    /// <exception cref="InvalidDataException">The snapshot has a newer format, or is corrupt.</exception>
    public static Dataset ReadSnapshot(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var (content, memory) = SnapshotReader.Read(ref reader, json);
        return new Dataset(content, memory);
    }

    /// <summary>An estimate of its memory, in bytes.</summary>
    public long ApproximateBytes => stored.ApproximateBytes + memory.ApproximateBytes;

    /// <summary>Bytes of all record texts.</summary>
    internal long TextBytes => stored.TextBytes;

    /// <summary>Writes the complete state as one JSON value, from which another process can continue.</summary>
    public void WriteSnapshot(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Snapshot.Write(writer, stored, memory);
    }

    /// <summary>An independent copy without a mark. It shares the records, which are immutable.</summary>
    public Dataset Clone() => new(stored.Clone(), memory.Clone());

    /// <summary>
    /// The dataset as clients load it (docs/protocol-facts.md#datasets): trees nested, no link that leads nowhere, the newest
    /// dependency of a cycle switched off, versions without their content. Equal states give equal bytes.
    /// </summary>
    public ReadOnlyMemory<byte> ToClientJson() => ClientJson.Write(Shown.Content);

    /// <summary>
    /// Decides the change set as revision <paramref name="revision"/>, without applying it. Change sets beyond
    /// <see cref="Model.MessageLimits"/> and <see cref="DatasetLimits"/> are refused. A change set that needs no
    /// rewriting is returned as it is. A user's link to a removed record that would crash clients is refused, except in
    /// the resolution of a conflict.
    /// </summary>
    public ChangeDecision Decide(ReadOnlyMemory<byte> changes, long revision, bool isResolution = false) =>
        ChangeDecider.Decide(Shown.Content, memory, changes, revision, isResolution);

    /// <summary>
    /// Applies a result of <see cref="Decide"/>. Of a cut change set only the user's input applies, not the values that
    /// the author's scheduling engine derived. Never throws because of its content, as the log is permanent; parts that
    /// cannot be applied are skipped.
    /// </summary>
    /// <param name="changes">The decided change set.</param>
    /// <param name="cut">Whether parts of it were removed.</param>
    /// <param name="rule">The rule under which it was decided.</param>
    public void Apply(ReadOnlyMemory<byte> changes, bool cut, IdentityRule rule = IdentityRule.ByForm)
    {
        if (rule == IdentityRule.ByForm)
        {
            // The change set was decided on the served content, and keeps it loadable.
            TakeOver(Shown.Content, isSound: true);
        }
        else
        {
            loadable = null;
            journal.Note(() => loadable = null);
        }

        new ChangeFold(stored, memory, journal, rule).Apply(changes, cut);
    }

    /// <summary>
    /// Sets the key under which the content of a version is stored. Does nothing when the version does not exist.
    /// </summary>
    public void NameContent(JsonId version, string key)
    {
        if (stored.Find(StoreNames.Versions) is { } store && store.Find(version) is { } record)
        {
            store.Set(version, record with { ContentKey = key });
            journal.Note(() => store.Set(version, record));
        }
    }

    /// <summary>Whether the version exists, and the key under which its content is stored, if any.</summary>
    public bool TryFindVersion(JsonId version, out string? contentKey)
    {
        var record = Shown.Content.Find(StoreNames.Versions)?.FindByForm(version);
        contentKey = record?.ContentKey;
        return record is not null;
    }

    /// <summary>The keys under which the contents of its versions are stored.</summary>
    internal IEnumerable<string> ContentKeys =>
        stored.Find(StoreNames.Versions)?.Records.Select(static record => record.ContentKey).OfType<string>() ?? [];

    /// <summary>
    /// Forgets the contents of removed versions: undoing a removal then brings back the record alone.
    /// </summary>
    internal void ForgetRemovedContents()
    {
        foreach (var (removed, _) in memory.Removed.Entries.Where(static entry => entry.Value is not null).ToList())
        {
            memory.Removed.Put(removed, value: null, journal);
        }
    }

    /// <summary>
    /// Replaces the content by that of another dataset. Assigned ids stay known, so that no other record gets them.
    /// </summary>
    /// <param name="content">The new content.</param>
    /// <param name="rule">The rule under which the reset was decided.</param>
    public void ResetTo(Dataset content, IdentityRule rule = IdentityRule.ByForm)
    {
        ArgumentNullException.ThrowIfNull(content);
        var before = stored;
        var isSound = rule == IdentityRule.ByForm;
        var after = (isSound ? content.Shown.Content : content.stored).Clone();
        TakeOver(after, isSound);
        foreach (var store in before.Stores)
        {
            foreach (var record in store.ByAge())
            {
                if (after.Find(store.Name, record.Id) is null)
                {
                    memory.Removed.Put(new StoreKey(store.Name, record.Id), record.ContentKey, journal);
                }
            }
        }
    }

    // The content that clients load, and on which their changes are decided.
    private Loadable Shown => loadable ??= Loadable.Of(stored, memory);

    private void TakeOver(Content content, bool isSound)
    {
        var (before, known) = (stored, loadable);
        if (!ReferenceEquals(before, content))
        {
            journal.Note(() => (stored, loadable) = (before, known));
        }

        stored = content;
        loadable = isSound ? new Loadable(content, []) : null;
    }

    /// <summary>Marks this state, for <see cref="Rollback"/> or <see cref="Release"/>. Marks do not nest.</summary>
    /// <exception cref="InvalidOperationException">There is a mark already.</exception>
    public void Mark() => journal.Mark();

    /// <summary>Returns to the mark and removes it, in time proportional to the changes since.</summary>
    /// <exception cref="InvalidOperationException">There is no mark.</exception>
    public void Rollback() => journal.Rollback();

    /// <summary>Removes the mark and keeps the changes since.</summary>
    /// <exception cref="InvalidOperationException">There is no mark.</exception>
    public void Release() => journal.Release();

    /// <summary>Content that clients can load: the stored one, or a copy with other ids for some records.</summary>
    private sealed record Loadable(Content Content, IReadOnlyList<RenamedRecord> Renamed)
    {
        public static Loadable Of(Content content, IdRegistry memory)
        {
            if (!IdentityRepair.IsNeeded(content))
            {
                return new Loadable(content, []);
            }

            var (repaired, renamed) = IdentityRepair.Run(content, memory);
            return new Loadable(repaired, renamed);
        }
    }
}
