namespace ServerlessSync.Core.Limits;

/// <summary>What is limited.</summary>
public enum LimitKind
{
    /// <summary>Messages of a socket.</summary>
    Messages,

    /// <summary>Bytes of a socket's messages.</summary>
    Bytes,

    /// <summary>Messages that ask for something to be read: <c>login</c>, <c>projects</c>, <c>dataset</c>, <c>load_version_content</c>.</summary>
    Loads,

    /// <summary>Resets.</summary>
    Resets,

    /// <summary>Requests to the HTTP API.</summary>
    Calls,

    /// <summary>Datasets and histories that are read over the HTTP API.</summary>
    Exports,

    /// <summary>Requests to the HTTP API that change something.</summary>
    Writes,

    /// <summary>Projects that are made.</summary>
    Creations,

    /// <summary>Bytes of datasets that are imported.</summary>
    Imports,

    /// <summary>Projects that a user has made and that still exist.</summary>
    Projects,

    /// <summary>Tokens that were not accepted.</summary>
    SignIns,
}

/// <summary>What became of something that came too soon.</summary>
public enum LimitAction
{
    /// <summary>It was done later.</summary>
    Delayed,

    /// <summary>It was not done; the sender was told when to try again.</summary>
    Refused,

    /// <summary>It was not done, and the connection was closed.</summary>
    Closed,
}

/// <summary>Is told when a limit was reached.</summary>
public interface ILimitObserver
{
    /// <summary>A limit was reached.</summary>
    void LimitReached(LimitKind kind, LimitAction action);
}
