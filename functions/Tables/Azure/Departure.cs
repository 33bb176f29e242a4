namespace ServerlessSync.Tables.Azure;

/// <summary>Whether the request of one transaction has been handed to the network: before that it had no outcome.</summary>
internal sealed class Departure
{
    /// <summary>The name under which a request carries its <see cref="Departure"/>.</summary>
    public const string PropertyName = "ServerlessSync.Departure";

    private volatile bool hasHappened;

    public bool HasHappened => hasHappened;

    public IDictionary<string, object?> MessageProperties =>
        new Dictionary<string, object?>(StringComparer.Ordinal) { [PropertyName] = this };

    public void Happen() => hasHappened = true;
}
