using System.Net;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Time.Testing;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.Gateway;

/// <summary>Replaces the network: records each request as it would be sent, and returns a configured response.</summary>
internal sealed class FakeService : HttpMessageHandler
{
    public const string Key = "a-test-key-of-more-than-32-characters-0123";
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private readonly Queue<Func<CancellationToken, Task<HttpResponseMessage>>> answers = new();

    public List<SentRequest> Requests { get; } = [];

    public SentRequest Only => Assert.Single(Requests);

    public FakeTimeProvider Time { get; } = new(Now);

    public FakeService Answers(int status, string? json = null, string? errorCode = null)
    {
        answers.Enqueue(_ =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status);
            if (json is not null)
            {
                response.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
            }

            if (errorCode is not null)
            {
                response.Headers.Add("x-ms-error-code", errorCode);
            }

            return Task.FromResult(response);
        });
        return this;
    }

    public FakeService Does(Func<CancellationToken, Task<HttpResponseMessage>> answer)
    {
        answers.Enqueue(answer);
        return this;
    }

    public DataPlaneOptions Options() => new() { Transport = new HttpClientTransport(this) };

    public DataPlane Plane(string endpoint = "https://sync.webpubsub.azure.com", DataPlaneOptions? options = null) =>
        DataPlane.FromConnectionString(
            ServiceConnectionString.Parse($"Endpoint={endpoint};AccessKey={Key};Version=1.0;"),
            HubName.Parse("Sync"),
            Time,
            options ?? Options()
        );

    public RestClientGateway Gateway() => new(Plane());

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(
            new SentRequest(
                request.Method.Method,
                request.RequestUri!.AbsoluteUri,
                body,
                request.Content?.Headers.ContentType?.ToString(),
                request.Content?.Headers.ContentLength,
                request.Headers.Authorization?.ToString()
            )
        );
        return await answers.Dequeue()(cancellationToken);
    }
}

internal sealed record SentRequest(
    string Method,
    string Url,
    string? Body,
    string? ContentType,
    long? ContentLength,
    string? Authorization
)
{
    public string Token =>
        Authorization is not null && Authorization.StartsWith("Bearer ", StringComparison.Ordinal)
            ? Authorization["Bearer ".Length..]
            : throw new InvalidOperationException("No bearer token.");
}
