using ServerlessSync.PubSubEmulator.Filters;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.PubSubEmulator.Connections;

/// <summary>One open connection as the broker and its session see it.</summary>
internal sealed class ClientConnection(string id, string? userId, string? subprotocol, PubSubLimits limits)
    : IFilterSubject
{
    private readonly OutboundQueue outbound = new(limits);
    private CloseRequest? closeOrder;
    private Action<CloseRequest>? closing;
    private long lastEventId = -1;

    /// <summary>The name that the service gave it.</summary>
    public string Id { get; } = id;

    /// <inheritdoc/>
    public string ConnectionId => Id;

    /// <summary>The user id from the answer to connect, else from the token; settled before the connection opens.</summary>
    public string? UserId { get; set; } = userId;

    /// <summary>The subprotocol that the handshake settled; null for none.</summary>
    public string? Subprotocol { get; set; } = subprotocol;

    /// <summary>The groups it is in. Guarded by the broker's lock.</summary>
    public HashSet<string> Groups { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    IReadOnlySet<string> IFilterSubject.Groups => Groups;

    /// <summary>What it may do besides receiving. Guarded by the broker's lock.</summary>
    public PermissionSet Permissions { get; } = new();

    /// <summary>What the event handler keeps with the connection; touched by blocking events only, one at a time.</summary>
    public string? State { get; set; }

    /// <summary>The cookies that the event handler has set.</summary>
    public CookieJar Cookies { get; } = new();

    /// <summary>How it ends; null while it is open.</summary>
    public CloseRequest? CloseRequest => Volatile.Read(ref closeOrder);

    /// <summary>The number of the next event; all kinds share one counter (measured).</summary>
    public long NextEventId() => Interlocked.Increment(ref lastEventId);

    /// <summary>Adds a frame to what waits. False when the receiver is too slow and must be dropped.</summary>
    public bool TrySend(OutboundFrame frame) => outbound.TryEnqueue(frame);

    /// <summary>The frames to write, until the connection closes.</summary>
    public IAsyncEnumerable<OutboundFrame> FramesAsync() => outbound.ReadAllAsync();

    /// <summary>Begins to close; false when it was closing already. Never called under the broker's lock: it may cut the transport.</summary>
    public bool Close(CloseRequest order)
    {
        if (Interlocked.CompareExchange(ref closeOrder, order, null) is not null)
        {
            return false;
        }

        outbound.Complete();
        Volatile.Read(ref closing)?.Invoke(order);
        return true;
    }

    /// <summary>Tells the session of the order to close, also of one that came before the session began; perhaps twice.</summary>
    public void OnClosing(Action<CloseRequest> begin)
    {
        Volatile.Write(ref closing, begin);
        if (CloseRequest is { } order)
        {
            begin(order);
        }
    }
}
