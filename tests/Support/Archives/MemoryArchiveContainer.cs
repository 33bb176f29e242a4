using System.Collections.Concurrent;
using ServerlessSync.Core.Archives;

namespace ServerlessSync.Support.Archives;

/// <summary>Archives in memory, with a hook at the point where a fault can come in.</summary>
public sealed class MemoryArchiveContainer : IArchiveContainer
{
    private readonly ConcurrentDictionary<(string Name, int Number), byte[]> staged = new();
    private readonly ConcurrentDictionary<string, (byte[] Bytes, ArchiveLabel Label)> archives = new(StringComparer.Ordinal);

    /// <summary>Called before each request; may throw what a container would, or let time pass.</summary>
    public Func<Task> BeforeRequest { get; set; } = static () => Task.CompletedTask;

    /// <summary>The names of the archives that are there, sorted.</summary>
    public IReadOnlyList<string> Names => [.. archives.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The bytes of an archive.</summary>
    public ReadOnlyMemory<byte> Read(string name) => archives[name].Bytes;

    /// <summary>What is noted beside an archive.</summary>
    public ArchiveLabel LabelOf(string name) => archives[name].Label;

    /// <summary>Forgets parts of archives that are not complete, as a service does after some days.</summary>
    public void ForgetStaged() => staged.Clear();

    /// <inheritdoc/>
    public async Task StageAsync(string name, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        await RequestAsync(cancellationToken);
        staged[(name, number)] = part.ToArray();
    }

    /// <inheritdoc/>
    public async Task<bool> CommitAsync(string name, ArchiveLabel label, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(label);
        await RequestAsync(cancellationToken);
        if (archives.ContainsKey(name))
        {
            return true;
        }

        var parts = Enumerable.Range(1, label.Parts).Select(number => staged.GetValueOrDefault((name, number))).ToList();
        return parts.TrueForAll(static part => part is not null) && archives.TryAdd(name, ([.. parts.SelectMany(static part => part!)], label));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string prefix,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await RequestAsync(cancellationToken);
        foreach (var name in Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            yield return name;
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await RequestAsync(cancellationToken);
        archives.TryRemove(name, out _);
    }

    private Task RequestAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return BeforeRequest();
    }
}
