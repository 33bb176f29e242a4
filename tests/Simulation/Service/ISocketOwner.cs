using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Service;

/// <summary>The browser's end of a connection.</summary>
internal interface ISocketOwner
{
    /// <summary>The user name that it logs in with.</summary>
    string Name { get; }

    /// <summary>The page session of our own client; null for others.</summary>
    string? Session { get; }

    /// <summary>The project that it requested last.</summary>
    ProjectId Project { get; }

    /// <summary>Called when a frame arrives.</summary>
    void Received(Socket socket, ReadOnlyMemory<byte> frame);

    /// <summary>Called when the service has closed the connection.</summary>
    void Closed(Socket socket);

    /// <summary>Called when an event was answered, with any answer.</summary>
    void Answered(Socket socket, long eventId);
}
