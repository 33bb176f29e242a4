using System.Net;
using ServerlessSync.PubSubEmulator.Tests.Support;

namespace ServerlessSync.PubSubEmulator.Tests;

public sealed class Refusing_requests : IAsyncLifetime
{
    private EmulatorHost host = null!;

    public async ValueTask InitializeAsync() => host = await EmulatorHost.StartAsync(EmulatorHost.Options());

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task A_body_of_one_mebibyte_passes_and_a_larger_one_does_not()
    {
        var body = '"' + new string('x', (1024 * 1024) - 2) + '"';

        Assert.Equal(202, await host.StatusAsync("POST", "/:send", body));
        await RestError.AssertAsync(
            await host.RestAsync("POST", "/:send", body + " "),
            400,
            "Invalid Content-Length header."
        );
    }

    [Fact]
    public async Task A_chunked_body_is_refused()
    {
        using var content = new ChunkedContent("1"u8.ToArray());

        await RestError.AssertAsync(
            await host.RestAsync("POST", "/:send", content),
            400,
            "Invalid Content-Length header."
        );
    }

    [Theory]
    [InlineData("/:send", "{", "application/json", 400, "The request body is not a valid JSON.")]
    [InlineData("/:send", "", "application/json", 400, "The request body is not a valid JSON.")]
    [InlineData("/:send", "1 2", "application/json", 400, "The request body is not a valid JSON.")]
    [InlineData("/:send", "<a/>", "application/xml", 415, "The content type 'application/xml' is not supported.")]
    [InlineData("/:send?messageTtlSeconds=301", "1", "application/json", 400, "messageTtlSeconds is '301'")]
    [InlineData("/:send?messageTtlSeconds=x", "1", "application/json", 400, "messageTtlSeconds is 'x'")]
    [InlineData("/:send?filter=userId", "1", "application/json", 400, "Invalid syntax for 'userId'")]
    [InlineData("/groups/%20/:send", "1", "application/json", 400, "Invalid group name")]
    public async Task What_breaks_a_rule_is_refused_by_name(
        string path,
        string body,
        string type,
        int status,
        string message
    )
    {
        await RestError.AssertAsync(await host.RestAsync("POST", path, body, type), status, message);
    }

    private sealed class ChunkedContent(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            stream.WriteAsync(bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
