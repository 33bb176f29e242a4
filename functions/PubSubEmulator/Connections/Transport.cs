namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>Aborts the TCP connection below a WebSocket. Safe to use from any thread, even after the request has ended.</summary>
internal sealed class Transport(HttpContext context)
{
    private readonly Lock gate = new();
    private HttpContext? context = context;

    /// <summary>Aborts the connection.</summary>
    public void Cut()
    {
        lock (gate)
        {
            context?.Abort();
        }
    }

    /// <summary>The request has ended; the server may reuse its context.</summary>
    public void Release()
    {
        lock (gate)
        {
            context = null;
        }
    }
}
