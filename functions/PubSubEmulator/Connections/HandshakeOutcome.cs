namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The outcome of a handshake.</summary>
internal abstract record HandshakeOutcome
{
    private HandshakeOutcome() { }

    /// <summary>The connection exists from now on; its socket has to be accepted.</summary>
    public sealed record Accepted(ClientConnection Connection) : HandshakeOutcome;

    /// <summary>The client gets this HTTP status and an empty body (measured).</summary>
    public sealed record Refused(int Status, string Detail) : HandshakeOutcome;
}
