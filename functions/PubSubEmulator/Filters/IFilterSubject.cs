namespace ServerlessSync.PubSubEmulator.Filters;

/// <summary>The properties of a connection that a filter can use.</summary>
internal interface IFilterSubject
{
    /// <summary>The identifier <c>connectionId</c>.</summary>
    string ConnectionId { get; }

    /// <summary>The identifier <c>userId</c>; null for a connection without a user.</summary>
    string? UserId { get; }

    /// <summary>The identifier <c>groups</c>.</summary>
    IReadOnlySet<string> Groups { get; }
}
