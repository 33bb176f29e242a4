namespace ServerlessSync.Api.Http;

/// <summary>Rights over the deployment, which no project's access list grants.</summary>
public sealed record ProjectApiOptions
{
    /// <summary>
    /// The administrators of the deployment, as their tokens name them. Null when every user is one, as on a laptop; empty
    /// when there is none.
    /// </summary>
    public IReadOnlySet<string>? Administrators { get; init; }

    /// <summary>
    /// Whether a user administers the deployment. Administrators may choose a project's id, which reveals whether the id is
    /// taken.
    /// </summary>
    public bool IsAdministrator(string user) => Administrators is null || Administrators.Contains(user);
}
