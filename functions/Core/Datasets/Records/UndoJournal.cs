namespace ServerlessSync.Core.Datasets.Records;

/// <summary>The steps that undo everything since a mark, newest first. Costs nothing while there is no mark.</summary>
internal sealed class UndoJournal
{
    private Stack<Action>? steps;

    /// <summary>Whether there is a mark; check before creating a step.</summary>
    public bool IsOpen => steps is not null;

    /// <summary>Sets the mark.</summary>
    public void Mark()
    {
        if (IsOpen)
        {
            throw new InvalidOperationException("There is a mark already; marks do not nest.");
        }

        steps = new Stack<Action>();
    }

    /// <summary>Adds the step that undoes the latest change.</summary>
    public void Note(Action undo) => steps?.Push(undo);

    /// <summary>Undoes everything and removes the mark.</summary>
    public void Rollback()
    {
        foreach (var undo in Close())
        {
            undo();
        }
    }

    /// <summary>Removes the mark and keeps the changes.</summary>
    public void Release() => Close();

    private Stack<Action> Close()
    {
        var marked = steps ?? throw new InvalidOperationException("There is no mark.");
        steps = null;
        return marked;
    }
}
