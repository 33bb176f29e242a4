namespace ServerlessSync.Core.Model;

/// <summary>A project: the document that users edit together. Its id keeps its JSON type.</summary>
public readonly record struct ProjectId(JsonId Id)
{
    /// <summary>The partition key of the project and the middle part of its group names; see <see cref="JsonId.ToKey"/>.</summary>
    public string Key => Id.ToKey();

    /// <inheritdoc/>
    public override string ToString() => Id.ToString();
}

/// <summary>One WebSocket connection, as Web PubSub names it.</summary>
public readonly record struct ConnectionId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>A Web PubSub group. Names are case-sensitive and hold at most 1,024 characters.</summary>
public readonly record struct GroupName(string Value)
{
    /// <summary>All logged-in connections; receives the server-wide messages of open mode.</summary>
    public static readonly GroupName Everyone = new("everyone");

    /// <summary>
    /// The subscribers of a project in one generation. A take-over moves them to the next generation, so that a late
    /// send of the previous engine reaches no client.
    /// </summary>
    public static GroupName OfProject(ProjectId project, long generation) => new($"p.{project.Key}.{generation}");

    /// <summary>
    /// Holds only the connection of an event, from the moment at which a dataset is sent for the event; nothing is sent
    /// to the group. On a redelivery, membership shows that an earlier delivery had begun, even if its instance has
    /// died.
    /// </summary>
    public static GroupName OfEvent(ConnectionId connection, long eventId) => new($"e.{connection.Value}.{eventId}");

    /// <summary>
    /// The connections of a project that are owed a dataset because one of their changes was refused; nothing is sent
    /// to the group.
    /// </summary>
    public static GroupName OfOwed(ProjectId project) => new($"o.{project.Key}");

    /// <summary>
    /// The connections to which an owed dataset is being sent, and which have left the project's group meanwhile;
    /// nothing is sent to the group. A change that is refused from then on owes another dataset.
    /// </summary>
    public static GroupName OfSettling(ProjectId project) => new($"s.{project.Key}");

    /// <summary>All connections of one user.</summary>
    public static GroupName OfUser(string user) => new($"u.{JsonId.Of(user).ToKey()}");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
