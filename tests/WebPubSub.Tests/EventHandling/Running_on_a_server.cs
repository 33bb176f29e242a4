using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessSync.Core.Model;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Running_on_a_server
{
    [Fact]
    public async Task Handshake_and_events_work_over_the_wire()
    {
        var sut = new Sut();
        sut.Handler.Replying(new EventReply.Text("""{"a":1}"""u8.ToArray(), "state"));
        await using var server = await StartAsync(sut);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };

        using var asking = new HttpRequestMessage(HttpMethod.Options, Path("validate"));
        asking.Headers.Add("WebHook-Request-Origin", "sync.webpubsub.azure.com");
        using var granted = await client.SendAsync(asking, Token);
        Assert.Equal(HttpStatusCode.OK, granted.StatusCode);
        // The client keeps the case of header names that it does not know.
        Assert.Contains("WebHook-Allowed-Origin", granted.Headers.Select(header => header.Key), StringComparer.Ordinal);

        using var message = Message(new StringContent("{}", Encoding.UTF8, "text/plain"));
        using var answer = await client.SendAsync(message, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""{"a":1}""", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Single(answer.Headers.GetValues("ce-connectionState"));
        var heard = Assert.IsType<ClientEvent.Message>(Assert.Single(sut.Handler.Events));
        Assert.Equal("{}"u8.ToArray(), heard.Frame.ToArray());
    }

    [Fact]
    public async Task A_body_of_undeclared_length_ends_at_the_limit()
    {
        var sut = new Sut();
        await using var server = await StartAsync(sut);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        using var content = new StreamContent(new MemoryStream(new byte[EventLimits.FrameBytesMax + 1]));
        using var message = Message(content);
        message.Headers.TransferEncodingChunked = true;
        using var answer = await client.SendAsync(message, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(sut.Handler.Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_largest_frame_arrives(bool chunked)
    {
        var sut = new Sut();
        await using var server = await StartAsync(sut);
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
        using var content = new ByteArrayContent(new byte[EventLimits.FrameBytesMax]);
        using var message = Message(content);
        message.Headers.TransferEncodingChunked = chunked;
        using var answer = await client.SendAsync(message, Token);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var heard = Assert.IsType<ClientEvent.Message>(Assert.Single(sut.Handler.Events));
        Assert.Equal(EventLimits.FrameBytesMax, heard.Frame.Length);
    }

    [Fact]
    public void The_route_below_the_prefix_is_the_same_route() =>
        Assert.Equal("/api/eventhandler/{event}", EventRoute.Pattern);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Uri Path(string name) =>
        new(EventRoute.Pattern.Replace("{event}", name, StringComparison.Ordinal), UriKind.Relative);

    private static HttpRequestMessage Message(HttpContent content)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, Path("message")) { Content = content };
        foreach (var (name, value) in EventRequest.Headers("user.message"))
        {
            // .NET's client writes ASCII headers only.
            message.Headers.Add(name, name is "ce-userId" ? "user" : value);
        }

        return message;
    }

    private static async Task<WebApplication> StartAsync(Sut sut)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(sut.Endpoint);
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.MapEventHandler();
        await server.StartAsync(Token);
        return server;
    }
}
