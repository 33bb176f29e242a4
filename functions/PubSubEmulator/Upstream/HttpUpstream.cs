using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>Posts events as CloudEvents in HTTP binary mode to one of the <see cref="PubSubOptions.UpstreamTemplates"/> (reference-cloud-events).</summary>
public sealed class HttpUpstream : IUpstream, IDisposable
{
    // The whole attempt, up to the headers of the response (measured).
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(100);

    private readonly string template;
    private readonly PubSubOptions options;
    private readonly TimeProvider time;
    private readonly SocketsHttpHandler sockets;
    private readonly HttpClient http;
    private readonly AbuseProtection protection;

    /// <summary>Opens no connection before the first event.</summary>
    public HttpUpstream(string template, PubSubOptions options, TimeProvider time, ILogger<HttpUpstream> logger)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(options);
        this.template = template;
        this.options = options;
        this.time = time;
        sockets = CreateSockets();
        http = new HttpClient(sockets, disposeHandler: false)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        protection = new AbuseProtection(http, UrlFor("validate"), options.OriginHost, time, logger);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        protection.Dispose();
        http.Dispose();
        sockets.Dispose();
    }

    /// <inheritdoc/>
    public async Task<UpstreamReply> SendAsync(UpstreamEvent upstreamEvent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upstreamEvent);
        if (!await protection.IsAllowedAsync(cancellationToken))
        {
            return new UpstreamReply.Failed("the upstream did not pass the abuse protection check", IsTransient: true);
        }

        using var request = ToRequest(upstreamEvent);
        using var timeout = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var bytesMax =
                upstreamEvent.Kind == UpstreamEventKind.Message ? PubSubLimits.MessageBytesMax : PubSubLimits.ConnectReplyBytesMax;
            var body = await ReadBodyAsync(response.Content, bytesMax, cancellationToken);
            if (body is null)
            {
                return new UpstreamReply.Failed($"response of more than {bytesMax} bytes", IsTransient: false);
            }

            KeepCookies(upstreamEvent, response);
            return ToReply(response, body.Value);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new UpstreamReply.Failed($"no answer within {AnswerWithin}", IsTransient: false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new UpstreamReply.Failed(exception.Message, IsTransient: true);
        }
    }

    // User ids and states may hold any UTF-8 (measured); cookies are kept per connection, not per process.
    private static SocketsHttpHandler CreateSockets() =>
        new()
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        };

    private Uri UrlFor(string eventName) =>
        new(
            template
                .Replace("{hub}", options.HubInLowerCase, StringComparison.Ordinal)
                .Replace("{event}", eventName, StringComparison.Ordinal)
        );

    private HttpRequestMessage ToRequest(UpstreamEvent upstreamEvent)
    {
        var url = UrlFor(upstreamEvent.Name);
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
            Content = new ReadOnlyMemoryContent(upstreamEvent.Body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(upstreamEvent.ContentType);
        Add("ce-specversion", "1.0");
        Add("ce-awpsversion", "1.0");
        Add("ce-type", upstreamEvent.Type);
        Add("ce-source", $"/hubs/{upstreamEvent.Hub}/client/{upstreamEvent.ConnectionId}");
        Add("ce-id", upstreamEvent.EventId.ToString(CultureInfo.InvariantCulture));
        Add(
            "ce-time",
            upstreamEvent.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        );
        Add("ce-connectionId", upstreamEvent.ConnectionId);
        Add("ce-hub", upstreamEvent.Hub);
        Add("ce-eventName", upstreamEvent.Name);
        Add("ce-userId", upstreamEvent.UserId);
        Add("ce-subprotocol", upstreamEvent.Subprotocol);
        Add("ce-connectionState", upstreamEvent.State);
        Add("ce-signature", EventSignature.Of(options.AccessKey, upstreamEvent.ConnectionId));
        Add("WebHook-Request-Origin", options.OriginHost);
        Add("x-ms-client-request-id", upstreamEvent.RequestId);
        Add("Cookie", upstreamEvent.Cookies.HeaderFor(url));
        return request;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(
        HttpContent content,
        int bytesMax,
        CancellationToken cancellationToken
    )
    {
        if (content.Headers.ContentLength is 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (body.Length + read > bytesMax)
            {
                return null;
            }

            await body.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static void KeepCookies(UpstreamEvent upstreamEvent, HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode && response.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            foreach (var cookie in cookies)
            {
                upstreamEvent.Cookies.Set(response.RequestMessage!.RequestUri!, cookie);
            }
        }
    }

    private static UpstreamReply.Answered ToReply(HttpResponseMessage response, ReadOnlyMemory<byte> body) =>
        new(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(),
            body,
            response.Headers.TryGetValues("ce-connectionState", out var states) ? states.First() : null
        );
}
