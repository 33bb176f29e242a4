using System.Collections.Concurrent;
using System.Text;

namespace ServerlessSync.Benchmarks.Load;

/// <summary>One project: who its clients are, and what all of them have to see.</summary>
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

    /// <summary>By client.</summary>
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

    /// <summary>Which of our clients a revision is by; -1 for somebody else.</summary>
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

    /// <summary>Notes that one more client has seen a change.</summary>
    public void Saw(int author, int number, long timestamp)
    {
        ref var operation = ref Operations[author][number];
        if (Interlocked.Increment(ref operation.Receivers) == Operations.Count)
        {
            Volatile.Write(ref operation.Everywhere, timestamp);
        }
    }
}
