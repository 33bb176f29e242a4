namespace ServerlessSync.Core.Datasets.Records;

/// <summary>How to take back what was done since a mark, newest first. Costs nothing while there is no mark.</summary>
internal sealed class UndoJournal
{
    private Stack<Action>? steps;

    /// <summary>Whether steps are to be noted; ask before making one.</summary>
    public bool IsOpen => steps is not null;

    /// <summary>Begins to note steps.</summary>
    public void Mark()
    {
        if (IsOpen)
        {
            throw new InvalidOperationException("There is a mark already; marks do not nest.");
        }

        steps = new Stack<Action>();
    }

    /// <summary>Notes how to take back what was just done.</summary>
    public void Note(Action undo) => steps?.Push(undo);

    /// <summary>Takes everything back and forgets the mark.</summary>
    public void Rollback()
    {
        foreach (var undo in Close())
        {
            undo();
        }
    }

    /// <summary>Forgets the mark.</summary>
    public void Release() => Close();

    private Stack<Action> Close()
    {
        var steps = this.steps ?? throw new InvalidOperationException("There is no mark.");
        this.steps = null;
        return steps;
    }
}
