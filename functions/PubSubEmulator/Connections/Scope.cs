namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The connections that an operation addresses, before a <see cref="RecipientFilter"/>.</summary>
internal abstract record Scope
{
    private Scope() { }

    /// <summary>All connections.</summary>
    public sealed record Hub : Scope;

    /// <summary>The members of a group.</summary>
    public sealed record Group(string Name) : Scope;

    /// <summary>
    /// One member of a group: the same as a group send with the filter <c>connectionId eq '…'</c>, but found without a
    /// search.
    /// </summary>
    public sealed record GroupMember(string Name, string ConnectionId) : Scope;

    /// <summary>The connections of a user.</summary>
    public sealed record User(string Id) : Scope;

    /// <summary>One connection.</summary>
    public sealed record Connection(string Id) : Scope;
}
