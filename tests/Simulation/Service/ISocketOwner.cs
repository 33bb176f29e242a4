using ServerlessSync.Core.Model;

namespace ServerlessSync.Simulation.Service;

/// <summary>The browser's end of a connection.</summary>
internal interface ISocketOwner
{
    /// <summary>Who it logs in as.</summary>
    string Name { get; }

    /// <summary>The page session of our own client; null for others.</summary>
    string? Session { get; }

    /// <summary>The project that it last asked for.</summary>
    ProjectId Project { get; }

    /// <summary>A frame has come.</summary>
    void Received(Socket socket, ReadOnlyMemory<byte> frame);

    /// <summary>The connection was closed by the other side.</summary>
    void Closed(Socket socket);

    /// <summary>An event was answered, whatever the answer.</summary>
    void Answered(Socket socket, long eventId);
}
