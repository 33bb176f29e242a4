using System.Collections.Concurrent;
using System.Text;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>One project: its clients, and the changes that all of them must receive.</summary>
internal sealed class ProjectLoad
{
    private const int ClientIdCharsMax = 128;

    private readonly ConcurrentDictionary<string, int> authors = new(StringComparer.Ordinal);

    public ProjectLoad(string project, int clients)
    {
        Project = project;
        Operations = [.. Enumerable.Range(0, clients).Select(_ => new OperationLog())];
    }

    /// <summary>The project's id as JSON.</summary>
    public string Project { get; }

    /// <summary>Indexed by client.</summary>
    public IReadOnlyList<OperationLog> Operations { get; }

    public bool IsEverythingEverywhere =>
        Operations.All(log => Enumerable.Range(1, log.Count).All(number => Volatile.Read(ref log[number].Everywhere) != 0));

    public void Register(string client, int index)
    {
        if (!authors.TryAdd(client, index))
        {
            throw new LoadException($"The server gave two connections the client id '{client}'.");
        }
    }

    /// <summary>The client of ours that made a revision; -1 for another client.</summary>
    public int AuthorOf(ReadOnlySpan<byte> client)
    {
        if (client.Length is 0 or > ClientIdCharsMax)
        {
            return -1;
        }

        Span<char> text = stackalloc char[ClientIdCharsMax];
        var length = Encoding.UTF8.GetChars(client, text);
        return authors.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var index) ? index : -1;
    }

    /// <summary>Records that one more client has received a change.</summary>
    public void Saw(int author, int number, long timestamp)
    {
        ref var operation = ref Operations[author][number];
        if (Interlocked.Increment(ref operation.Receivers) == Operations.Count)
        {
            Volatile.Write(ref operation.Everywhere, timestamp);
        }
    }
}
