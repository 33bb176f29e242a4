using ServerlessSync.PubSubEmulator.Filters;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>One open connection, as the broker and its session see it.</summary>
internal sealed class ClientConnection(string id, string? userId, string? subprotocol, PubSubLimits limits)
    : IFilterSubject
{
    private readonly OutboundQueue outbound = new(limits);
    private CloseRequest? closeRequest;
    private Action<CloseRequest>? closing;
    private long lastEventId = -1;

    /// <summary>The id that the service assigned.</summary>
    public string Id { get; } = id;

    /// <inheritdoc/>
    public string ConnectionId => Id;

    /// <summary>The user id from the response to connect, else from the token; final before the connection opens.</summary>
    public string? UserId { get; set; } = userId;

    /// <summary>The subprotocol that the handshake selected; null for none.</summary>
    public string? Subprotocol { get; set; } = subprotocol;

    /// <summary>The groups of the connection. Guarded by the broker's lock.</summary>
    public HashSet<string> Groups { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    IReadOnlySet<string> IFilterSubject.Groups => Groups;

    /// <summary>The permissions of the connection. Guarded by the broker's lock.</summary>
    public PermissionSet Permissions { get; } = new();

    /// <summary>
    /// The state that the event handler keeps with the connection; accessed only by blocking events, one at a time.
    /// </summary>
    public string? State { get; set; }

    /// <summary>The cookies that the event handler set.</summary>
    public CookieJar Cookies { get; } = new();

    /// <summary>The request to close; null while the connection is open.</summary>
    public CloseRequest? CloseRequest => Volatile.Read(ref closeRequest);

    /// <summary>The number of the next event; all kinds of events share one counter (measured).</summary>
    public long NextEventId() => Interlocked.Increment(ref lastEventId);

    /// <summary>Queues a frame. False when the receiver is too slow and must be dropped.</summary>
    public bool TrySend(OutboundFrame frame) => outbound.TryEnqueue(frame);

    /// <summary>The frames to write, until the connection closes.</summary>
    public IAsyncEnumerable<OutboundFrame> FramesAsync() => outbound.ReadAllAsync();

    /// <summary>
    /// Starts to close; false when the connection was closing already. Never called under the broker's lock, because it may
    /// abort the transport.
    /// </summary>
    public bool Close(CloseRequest request)
    {
        if (Interlocked.CompareExchange(ref closeRequest, request, null) is not null)
        {
            return false;
        }

        outbound.Complete();
        Volatile.Read(ref closing)?.Invoke(request);
        return true;
    }

    /// <summary>Notifies the session of the request to close, even one that precedes the session; may notify twice.</summary>
    public void OnClosing(Action<CloseRequest> begin)
    {
        Volatile.Write(ref closing, begin);
        if (CloseRequest is { } request)
        {
            begin(request);
        }
    }
}
