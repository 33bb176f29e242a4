using System.Text.Json;
using ServerlessSync.Core.Datasets.Deciding;
using ServerlessSync.Core.Datasets.Folding;
using ServerlessSync.Core.Datasets.Importing;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Snapshots;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// The folded state of one project: its records, its fields, and the ids that it remembers. Not safe for use by several
/// threads at once.
/// </summary>
public sealed class Dataset
{
    private readonly UndoJournal _journal = new();
    private readonly IdRegistry _memory;
    private Content _content;

    // What of the content is loadable, as far as that was looked at; null until then.
    private Loadable? _loadable;

    private Dataset(Content content, IdRegistry memory)
    {
        _content = content;
        _memory = memory;
    }

    /// <summary>Whether clients could load it as it is stored; see <see cref="Renamed"/>.</summary>
    public bool IsSound => ReferenceEquals(Shown.Content, _content);

    /// <summary>
    /// The records that earlier versions stored under ids with which no client could load them: two of one string form, or names that every
    /// JavaScript object has. They are served under others; the next change set makes that part of the state.
    /// </summary>
    public IReadOnlyList<RenamedRecord> Renamed => Shown.Renamed;

    /// <summary>A dataset whose content and memory were read, and checked, elsewhere.</summary>
    internal static Dataset Of(Content content, IdRegistry memory) => new(content, memory);

    /// <summary>What it shows: with the ids under which clients can load it.</summary>
    internal Content Content => Shown.Content;

    /// <summary>What it remembers.</summary>
    internal IdRegistry Memory => _memory;

    /// <summary>
    /// Reads a dataset as clients and files have it: stores under <c>tasksData</c>, <c>tasks</c> and the like, as arrays
    /// or as <c>{"rows":[…]}</c>; tasks, events, resources and calendars nested in <c>children</c> or flat with
    /// <c>parentId</c>; the project's fields under <c>project</c>. A record without an id gets
    /// <c>&lt;store&gt;-b&lt;n&gt;</c>, where n is its place in the store. Limits: <see cref="DatasetLimits"/>.
    /// </summary>
    public static DatasetResult Parse(ReadOnlyMemory<byte> json) =>
        DatasetReader.TryRead(json, out var contents, out var reason) is { } content
            ? new DatasetResult.Parsed(new Dataset(content, new IdRegistry()), contents)
            : new DatasetResult.Malformed(reason);

    /// <summary>Reads what <see cref="WriteSnapshot"/> wrote.</summary>
    /// <param name="reader">Stands before the value or on its first token; afterwards on its last.</param>
    /// <param name="json">The whole text that the reader reads. The dataset goes on using it, so it must not change.</param>
    /// <exception cref="InvalidDataException">It is of a newer format, or broken.</exception>
    public static Dataset ReadSnapshot(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var (content, memory) = SnapshotReader.Read(ref reader, json);
        return new Dataset(content, memory);
    }

    /// <summary>A rough count of the memory it takes, in bytes.</summary>
    public long ApproximateBytes => _content.ApproximateBytes + _memory.ApproximateBytes;

    /// <summary>Bytes of all record texts.</summary>
    internal long TextBytes => _content.TextBytes;

    /// <summary>Writes everything that a later process needs to go on exactly here, as one JSON value.</summary>
    public void WriteSnapshot(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Snapshot.Write(writer, _content, _memory);
    }

    /// <summary>A copy that later changes of this one do not touch. Shares the records, which never change; has no mark.</summary>
    public Dataset Clone() => new(_content.Clone(), _memory.Clone());

    /// <summary>
    /// The dataset as clients load it (docs/protocol-facts.md#datasets): trees nested, no link that leads nowhere, the newest
    /// dependency of a cycle switched off, versions without their content. Equal states give equal bytes.
    /// </summary>
    public ReadOnlyMemory<byte> ToClientJson() => ClientJson.Write(Shown.Content);

    /// <summary>
    /// What the change set becomes as revision <paramref name="revision"/>; changes nothing here. Refused beyond
    /// <see cref="Model.MessageLimits"/> and <see cref="DatasetLimits"/>. A change set that needs no change is given
    /// back as the bytes that came in. A user's link to a removed record that would stop clients is refused, except in the
    /// resolution of a conflict.
    /// </summary>
    public ChangeDecision Decide(ReadOnlyMemory<byte> changes, long revision, bool isResolution = false) =>
        ChangeDecider.Decide(Shown.Content, _memory, changes, revision, isResolution);

    /// <summary>
    /// Applies what <see cref="Decide"/> gave; of a cut one only what the user did, not what the author's engine derived.
    /// Never fails for odd content, since a log is for ever; what cannot be applied is left out.
    /// </summary>
    /// <param name="changes">The decided change set.</param>
    /// <param name="cut">Whether parts of it were taken out.</param>
    /// <param name="rule">The rule that it was decided under.</param>
    public void Apply(ReadOnlyMemory<byte> changes, bool cut, IdentityRule rule = IdentityRule.ByForm)
    {
        if (rule == IdentityRule.ByForm)
        {
            // It was decided on what is served, and leaves that loadable.
            TakeOver(Shown.Content, isSound: true);
        }
        else
        {
            _loadable = null;
            _journal.Note(() => _loadable = null);
        }

        new ChangeFold(_content, _memory, _journal, rule).Apply(changes, cut);
    }

    /// <summary>Notes under which key the content of a version is stored. Without such a version nothing happens.</summary>
    public void NameContent(JsonId version, string key)
    {
        if (_content.Find(StoreNames.Versions) is { } store && store.Find(version) is { } record)
        {
            store.Set(version, record with { ContentKey = key });
            _journal.Note(() => store.Set(version, record));
        }
    }

    /// <summary>Whether there is such a version, and the key under which its content is stored, if it has any.</summary>
    public bool TryFindVersion(JsonId version, out string? contentKey)
    {
        var record = Shown.Content.Find(StoreNames.Versions)?.FindByForm(version);
        contentKey = record?.ContentKey;
        return record is not null;
    }

    /// <summary>The keys under which the contents of its versions are stored.</summary>
    internal IEnumerable<string> ContentKeys =>
        _content.Find(StoreNames.Versions)?.Records.Select(static record => record.ContentKey).OfType<string>() ?? [];

    /// <summary>Forgets the contents of removed versions: who brings one back gets its record alone.</summary>
    internal void ForgetRemovedContents()
    {
        foreach (var (removed, _) in _memory.Removed.Entries.Where(static entry => entry.Value is not null).ToList())
        {
            _memory.Removed.Put(removed, value: null, _journal);
        }
    }

    /// <summary>
    /// Takes over the content of a base dataset. Ids given so far stay known, so that no other record gets them.
    /// </summary>
    /// <param name="content">What to go back to.</param>
    /// <param name="rule">The rule that this was decided under.</param>
    public void ResetTo(Dataset content, IdentityRule rule = IdentityRule.ByForm)
    {
        ArgumentNullException.ThrowIfNull(content);
        var before = _content;
        var isSound = rule == IdentityRule.ByForm;
        var after = (isSound ? content.Shown.Content : content._content).Clone();
        TakeOver(after, isSound);
        foreach (var store in before.Stores)
        {
            foreach (var record in store.ByAge())
            {
                if (after.Find(store.Name, record.Id) is null)
                {
                    _memory.Removed.Put(new StoreKey(store.Name, record.Id), record.ContentKey, _journal);
                }
            }
        }
    }

    // What clients are shown, and what their changes are decided on.
    private Loadable Shown => _loadable ??= Loadable.Of(_content, _memory);

    private void TakeOver(Content content, bool isSound)
    {
        var (before, known) = (_content, _loadable);
        if (!ReferenceEquals(before, content))
        {
            _journal.Note(() => (_content, _loadable) = (before, known));
        }

        _content = content;
        _loadable = isSound ? new Loadable(content, []) : null;
    }

    /// <summary>Remembers this state, for <see cref="Rollback"/> or <see cref="Release"/>. Marks do not nest.</summary>
    /// <exception cref="InvalidOperationException">There is a mark already.</exception>
    public void Mark() => _journal.Mark();

    /// <summary>Goes back to the mark, at the cost of what was applied since, and forgets it.</summary>
    /// <exception cref="InvalidOperationException">There is no mark.</exception>
    public void Rollback() => _journal.Rollback();

    /// <summary>Forgets the mark and keeps what was applied since.</summary>
    /// <exception cref="InvalidOperationException">There is no mark.</exception>
    public void Release() => _journal.Release();

    /// <summary>Content that clients can load: the stored one, or a copy in which some records have other ids.</summary>
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
