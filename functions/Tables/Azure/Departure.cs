namespace ServerlessSync.Tables.Azure;

/// <summary>
/// Records whether the request of a transaction was handed to the network. Before that, the transaction has no outcome.
/// </summary>
internal sealed class Departure
{
    /// <summary>The message property that holds the <see cref="Departure"/> of a request.</summary>
    public const string PropertyName = "ServerlessSync.Departure";

    private volatile bool hasHappened;

    public bool HasHappened => hasHappened;

    public IDictionary<string, object?> MessageProperties =>
        new Dictionary<string, object?>(StringComparer.Ordinal) { [PropertyName] = this };

    public void Happen() => hasHappened = true;
}
