namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>The way to cut the TCP connection below a WebSocket, safe to use from anywhere and also after its request is over.</summary>
internal sealed class Transport(HttpContext context)
{
    private readonly Lock gate = new();
    private HttpContext? context = context;

    /// <summary>Cuts the connection.</summary>
    public void Cut()
    {
        lock (gate)
        {
            context?.Abort();
        }
    }

    /// <summary>The request is over; the server may use its context for something else.</summary>
    public void Release()
    {
        lock (gate)
        {
            context = null;
        }
    }
}
