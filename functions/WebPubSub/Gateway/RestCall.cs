using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using ServerlessSync.Core.Model;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// One call to the data plane. Turns every failure of the transport into a <see cref="GatewayException"/>, so that callers
/// see two outcomes: a response with an expected status, or that exception.
/// </summary>
internal sealed class RestCall
{
    private readonly DataPlane plane;
    private readonly string operation;
    private readonly RequestMethod method;
    private readonly StringBuilder query = new();
    private string path;
    private Uri? link;
    private ReadOnlyMemory<byte> body;

    /// <summary>
    /// Prepares a call under <c>/api/hubs/{hub}</c>; <paramref name="operation"/> names it in errors.
    /// </summary>
    public RestCall(DataPlane plane, string operation, RequestMethod method)
    {
        this.plane = plane;
        this.operation = operation;
        this.method = method;
        path = "/api/hubs/" + Escape(plane.Hub.Value);
    }

    /// <summary>The address that the call goes to.</summary>
    public Uri Address => link ?? new Uri(plane.Endpoint, $"{path}?api-version={DataPlane.ApiVersion}{query}");

    /// <summary>Appends a literal and an escaped segment to the path.</summary>
    public RestCall At(string literal, string name)
    {
        if (name is "." or "..")
        {
            // These two cannot be escaped: a URL parser would resolve them to another operation.
            throw new ArgumentException($"A name in a path must not be '{name}'.", nameof(name));
        }

        path += $"/{literal}/{Escape(name)}";
        return this;
    }

    /// <summary>Appends a literal segment to the path.</summary>
    public RestCall At(string literal)
    {
        path += "/" + literal;
        return this;
    }

    /// <summary>Adds a query parameter; can be repeated.</summary>
    public RestCall With(string name, string value)
    {
        query.Append('&').Append(name).Append('=').Append(Escape(value));
        return this;
    }

    /// <summary>Calls a link that the service returned, instead of the built address.</summary>
    public RestCall Following(Uri next)
    {
        link = next;
        return this;
    }

    /// <summary>Sets a JSON body.</summary>
    public RestCall Sending(ReadOnlyMemory<byte> json)
    {
        body = json;
        return this;
    }

    /// <summary>
    /// Sends the call once. The status of the response is any 2xx or <paramref name="alsoExpected"/> (0 for none).
    /// </summary>
    public async Task<RestAnswer> SendAsync(int alsoExpected, CancellationToken cancellationToken)
    {
        using var message = plane.Pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        request.Uri.Reset(Address);
        if (!body.IsEmpty)
        {
            // With a known length: the service refuses chunked bodies ("Invalid Content-Length header.").
            request.Content = RequestContent.Create(body);
            request.Headers.SetValue(HttpHeader.Names.ContentType, "application/json");
        }

        await SendAsync(message, cancellationToken);
        var response = message.Response;
        if (response.Status is >= 200 and < 300 || response.Status == alsoExpected)
        {
            return new RestAnswer(response.Status, response.Content);
        }

        throw new GatewayException(
            $"Web PubSub answered {response.Status}{RestError.Describe(response)} to: {operation}."
        );
    }

    private async Task SendAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await plane.Pipeline.SendAsync(message, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GatewayException($"Web PubSub did not answer in time: {operation}.", exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Transports and credentials throw types of their own (RequestFailed, AuthenticationFailed, Aggregate, IO).
            throw new GatewayException(
                $"Web PubSub could not be reached ({exception.GetType().Name}): {operation}.",
                exception
            );
        }
    }

    private static string Escape(string value) => Uri.EscapeDataString(value);
}
