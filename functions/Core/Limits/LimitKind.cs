namespace ServerlessSync.Core.Limits;

/// <summary>The quantity that a limit concerns.</summary>
public enum LimitKind
{
    /// <summary>Messages of a socket.</summary>
    Messages,

    /// <summary>Bytes of a socket's messages.</summary>
    Bytes,

    /// <summary>
    /// Messages that read from storage: <c>login</c>, <c>projects</c>, <c>dataset</c>, <c>load_version_content</c>.
    /// </summary>
    Loads,

    /// <summary>Resets.</summary>
    Resets,

    /// <summary>Requests to the HTTP API.</summary>
    Calls,

    /// <summary>Datasets and histories read over the HTTP API.</summary>
    Exports,

    /// <summary>Requests to the HTTP API that change something.</summary>
    Writes,

    /// <summary>New projects.</summary>
    Creations,

    /// <summary>Bytes of imported datasets.</summary>
    Imports,

    /// <summary>Existing projects that a user has created.</summary>
    Projects,

    /// <summary>Rejected tokens.</summary>
    SignIns,
}

/// <summary>The outcome of a request that exceeded a limit.</summary>
public enum LimitAction
{
    /// <summary>It was delayed.</summary>
    Delayed,

    /// <summary>It was refused; the answer says when to try again.</summary>
    Refused,

    /// <summary>It was refused, and the connection was closed.</summary>
    Closed,
}

/// <summary>Observes requests that exceed a limit.</summary>
public interface ILimitObserver
{
    /// <summary>A request exceeded a limit.</summary>
    void LimitReached(LimitKind kind, LimitAction action);
}
