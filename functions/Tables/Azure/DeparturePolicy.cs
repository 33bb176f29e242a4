using Azure.Core;
using Azure.Core.Pipeline;

namespace ServerlessSync.Tables.Azure;

/// <summary>
/// The last policy before the network, after tokens and signatures: marks the <see cref="Departure"/> of a request.
/// </summary>
internal sealed class DeparturePolicy : HttpPipelineSynchronousPolicy
{
    private DeparturePolicy() { }

    public static DeparturePolicy Instance { get; } = new();

    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.TryGetProperty(Departure.PropertyName, out var value) && value is Departure departure)
        {
            departure.Happen();
        }
    }
}
