using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServerlessSync.FunctionsHost.Rpc;
using ServerlessSync.FunctionsHost.Workers;

namespace ServerlessSync.FunctionsHost.Http;

/// <summary>
/// Sends a request to the worker over HTTP and invokes the function over gRPC at the same time; the worker joins both by
/// the invocation id.
/// </summary>
internal sealed class Forwarder(WorkerHostOptions options) : IDisposable
{
    private const string InvocationHeader = "x-ms-invocation-id";

    /// <summary>
    /// A worker announces its address before it listens, so a refused connection is retried, as in the real host.
    /// </summary>
    private const int AttemptsMax = 20;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    /// <summary>Headers that belong to one connection (RFC 9110, 7.6.1), and those that the answering server sets itself.</summary>
    private static readonly HashSet<string> OfConnections = new(
        ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"],
        StringComparer.OrdinalIgnoreCase
    );

    private readonly HttpMessageInvoker http = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
            ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8,
        }
    );

    /// <summary>Answers the request with the function's response; 500 when the function fails or the worker dies.</summary>
    public async Task ForwardAsync(Worker worker, Function function, HttpContext context, CancellationToken cancellationToken)
    {
        var invocation = await DescribeAsync(function, context.Request, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = worker.InvokeAsync(invocation, either.Token);
        var sending = SendAsync(worker.HttpUrl, invocation.InvocationId, context, either.Token);
        try
        {
            // A function that fails before it responds leaves the HTTP request open.
            if (await Task.WhenAny(running, sending) == running)
            {
                (await running).ThrowIfFailed($"run {function.Name}");
            }

            await sending;
            (await running).ThrowIfFailed($"run {function.Name}");
        }
        catch (Exception exception) when (exception is WorkerHostException or HttpRequestException or IOException)
        {
            options.Output?.Invoke(new HostLine($"{context.Request.Method} {context.Request.Path}: {exception.Message}", IsError: true));
            Fail(context);
        }
        finally
        {
            await either.CancelAsync();
            await Task.WhenAll(EndAsync(running), EndAsync(sending));
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>Answers 500, or aborts a response that has started.</summary>
    public static void Fail(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
        }
        else
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static async Task EndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (exception is OperationCanceledException or WorkerHostException or HttpRequestException or IOException)
        {
            // The response was already completed.
        }
    }

    private async Task<InvocationRequest> DescribeAsync(Function function, HttpRequest request, CancellationToken cancellationToken)
    {
        var described = new RpcHttp();
        foreach (var (name, value) in request.RouteValues)
        {
            described.NullableParams[name] = new NullableString { Value = $"{value}" };
        }

        var invocation = new InvocationRequest { InvocationId = options.Ids.NewId(), FunctionId = function.Id };
        invocation.InputData.Add(new ParameterBinding { Name = function.Parameter, Data = new TypedData { Http = described } });
        invocation.TraceContext = new RpcTraceContext { TraceParent = $"{request.Headers.TraceParent}", TraceState = $"{request.Headers.TraceState}" };

        if (request.HasJsonContentType())
        {
            await AddBodyAsync(invocation, request, cancellationToken);
        }

        return invocation;
    }

    /// <summary>The real host parses JSON bodies and sends their members along: such a body travels twice.</summary>
    private static async Task AddBodyAsync(InvocationRequest invocation, HttpRequest request, CancellationToken cancellationToken)
    {
        request.EnableBuffering();
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, default, cancellationToken);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
            {
                foreach (var member in document.RootElement.EnumerateObject())
                {
                    invocation.TriggerMetadata[member.Name] =
                        member.Value.ValueKind is JsonValueKind.String
                            ? new TypedData { String = member.Value.GetString()! }
                            : new TypedData { Json = member.Value.GetRawText() };
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON despite its content type: the function gets it as it is.
            invocation.TriggerMetadata.Clear();
        }

        request.Body.Position = 0;
    }

    private async Task SendAsync(Uri worker, string invocationId, HttpContext context, CancellationToken cancellationToken)
    {
        using var request = ToWorker(worker, invocationId, context.Request);
        using var answer = await ConnectAndSendAsync(request, cancellationToken);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (!OfConnections.Contains(header.Key))
            {
                context.Response.Headers[header.Key] = header.Value.ToArray();
            }
        }

        await answer.Content.CopyToAsync(context.Response.Body, cancellationToken);
    }

    private async Task<HttpResponseMessage> ConnectAndSendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException exception)
                when (exception.HttpRequestError is HttpRequestError.ConnectionError && attempt < AttemptsMax)
            {
                // Nothing of the request has been read yet.
                await Task.Delay(pause, options.Time, cancellationToken);
                pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
            }
        }
    }

    private static HttpRequestMessage ToWorker(Uri worker, string invocationId, HttpRequest source)
    {
        var url = new Uri(worker, source.Path.ToUriComponent() + source.QueryString.ToUriComponent());
        var request = new HttpRequestMessage(new HttpMethod(source.Method), url);
        if (source.ContentLength is not null || source.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(source.Body);
        }

        foreach (var (name, values) in source.Headers)
        {
            if (OfConnections.Contains(name))
            {
                continue;
            }

            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        // A header of this name from the caller is kept, as in the real host.
        request.Headers.TryAddWithoutValidation(InvocationHeader, invocationId);
        return request;
    }
}
