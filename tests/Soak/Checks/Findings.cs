using System.Collections.Concurrent;

namespace ServerlessSync.Soak.Checks;

/// <summary>Violations of the promises.</summary>
internal enum Finding
{
    /// <summary>An acknowledged change is missing in the log, or has another number.</summary>
    Lost,

    /// <summary>A change is in the log twice, or was returned under two numbers.</summary>
    Duplicated,

    /// <summary>Numbers with a gap, or changes of one author in the wrong order.</summary>
    OutOfOrder,

    /// <summary>A dataset or a view that does not follow from the log.</summary>
    Wrong,

    /// <summary>A change that for too long was neither returned nor refused nor cost its author the connection.</summary>
    Silent,

    /// <summary>A refusal: these clients send nothing that may be refused.</summary>
    Refused,
}

/// <summary>Counts the findings, and keeps the first cases for the report.</summary>
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
