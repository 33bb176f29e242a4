namespace ServerlessSync.Core.Model;

/// <summary>The shared document that people edit together; the clients' own word. Its id keeps its JSON type.</summary>
public readonly record struct ProjectId(JsonId Id)
{
    /// <summary>The partition key of the project and the middle part of its group names; see <see cref="JsonId.ToKey"/>.</summary>
    public string Key => Id.ToKey();

    /// <inheritdoc/>
    public override string ToString() => Id.ToString();
}

/// <summary>One WebSocket connection, named by Web PubSub.</summary>
public readonly record struct ConnectionId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A Web PubSub group. Group names compare case-sensitively and hold at most 1,024 characters.</summary>
public readonly record struct GroupName(string Value)
{
    /// <summary>Everybody who is logged in; receives the server-wide messages of open mode.</summary>
    public static readonly GroupName Everyone = new("everyone");

    /// <summary>
    /// The subscribers of a project in one generation. A take-over moves them to the next generation, so that a late
    /// send of a process that was given up reaches nobody.
    /// </summary>
    public static GroupName OfProject(ProjectId project, long generation) => new($"p.{project.Key}.{generation}");

    /// <summary>
    /// Holds the connection of an event from the moment at which a dataset goes out for the event, and nobody else; nothing is sent to
    /// it. When the event is delivered again, the service itself thus tells that it was begun, whoever began it and died.
    /// </summary>
    public static GroupName OfEvent(ConnectionId connection, long eventId) => new($"e.{connection.Value}.{eventId}");

    /// <summary>The connections of a project that are owed a dataset because a change of theirs was refused; nothing is sent to it.</summary>
    public static GroupName OfOwed(ProjectId project) => new($"o.{project.Key}");

    /// <summary>
    /// The connections to which an owed dataset is just being sent, and which are out of the project's group for that; nothing is sent to
    /// it. What is refused from then on owes one more.
    /// </summary>
    public static GroupName OfSettling(ProjectId project) => new($"s.{project.Key}");

    /// <summary>All connections of one user.</summary>
    public static GroupName OfUser(string user) => new($"u.{JsonId.Of(user).ToKey()}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
