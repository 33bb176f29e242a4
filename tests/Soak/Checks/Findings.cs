using System.Collections.Concurrent;

namespace ServerlessSync.Soak.Checks;

/// <summary>What a promise does not allow.</summary>
internal enum Finding
{
    /// <summary>An acknowledged change is not in the log, or under another number.</summary>
    Lost,

    /// <summary>A change is in the log twice, or came back under two numbers.</summary>
    Duplicated,

    /// <summary>Numbers with a hole, or changes of one author in another order than it made them.</summary>
    OutOfOrder,

    /// <summary>A dataset or a view that the log does not lead to.</summary>
    Wrong,

    /// <summary>A change that neither came back nor was refused nor cost its author the connection, for too long.</summary>
    Silent,

    /// <summary>A refusal: these clients send nothing that may be refused.</summary>
    Refused,
}

/// <summary>Counts what was found, and keeps the first cases to tell about.</summary>
internal sealed class Findings
{
    private const int CasesMax = 20;

    private readonly ConcurrentDictionary<Finding, int> counts = new();
    private readonly ConcurrentQueue<string> cases = new();

    public bool IsClean => counts.IsEmpty;

    /// <summary>The first cases, one sentence each.</summary>
    public IReadOnlyCollection<string> Cases => cases;

    public int this[Finding finding] => counts.GetValueOrDefault(finding);

    public void Add(Finding finding, string what)
    {
        counts.AddOrUpdate(finding, 1, static (_, count) => count + 1);
        if (cases.Count < CasesMax)
        {
            cases.Enqueue($"{finding}: {what}");
        }
    }

    public override string ToString() => IsClean ? "nothing" : string.Join(Environment.NewLine, cases);
}
