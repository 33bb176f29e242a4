namespace ServerlessSync.Api.Http;

/// <summary>Who may do what no project's access list can say.</summary>
public sealed record ProjectApiOptions
{
    /// <summary>
    /// Users who administer the deployment, by the names that their tokens give them. Null when everybody does, as on a laptop; empty
    /// when nobody does.
    /// </summary>
    public IReadOnlySet<string>? Administrators { get; init; }

    /// <summary>Whether a user administers the deployment: may choose the id of a project, which tells whether it is taken.</summary>
    public bool IsAdministrator(string user) => Administrators is null || Administrators.Contains(user);
}
