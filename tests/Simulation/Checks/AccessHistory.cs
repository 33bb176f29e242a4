using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Checks;

/// <summary>The access lists that a project has had, each with the number of revisions that were accepted before it.</summary>
internal sealed class AccessHistory
{
    private readonly List<(long After, AccessList List)> lists = [];
    private readonly List<TimeSpan> times = [];

    public AccessList Now => lists[^1].List;

    public int Count => lists.Count;

    /// <summary>The list in force when there were <paramref name="count"/> lists, and all later ones.</summary>
    public IEnumerable<AccessList> Since(int count) => lists.Skip(Math.Max(0, count - 1)).Select(static entry => entry.List);

    public void Note(long accepted, AccessList list, TimeSpan now)
    {
        lists.Add((accepted, list));
        times.Add(now);
    }

    /// <summary>Whether a user could see the project at a moment, or later.</summary>
    public bool CouldSeeSince(string user, TimeSpan moment)
    {
        var first = Math.Max(0, times.FindLastIndex(time => time <= moment));
        return lists.Skip(first).Any(known => known.List.RoleOf(user) > Role.None);
    }

    /// <summary>Whether the user's role has changed since the project was created.</summary>
    public bool Concerned(string user) => lists.Exists(known => known.List.RoleOf(user) != lists[0].List.RoleOf(user));

    /// <summary>Whether a user could see the project when a revision was accepted.</summary>
    public bool CouldSee(string user, long revision) =>
        lists.FindLast(known => known.After < Math.Max(revision, 1)).List.RoleOf(user) > Role.None;

    /// <summary>Whether a user could see the project when a revision was accepted, or later.</summary>
    public bool CouldSeeSince(string user, long revision) =>
        CouldSee(user, revision) || lists.Exists(known => known.After >= revision && known.List.RoleOf(user) > Role.None);
}
