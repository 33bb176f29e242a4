using Microsoft.AspNetCore.Http;
using ServerlessSync.WebPubSub.Callers;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

public sealed class Authenticating_callers_by_access_key
{
    private const string Primary = "primary-key-primary-key-primary-key-1";
    private const string Secondary = "secondary-key-secondary-key-secondary";

    [Fact]
    public async Task A_known_signature_is_accepted() =>
        // Computed independently of the code: echo -n conn-1 | openssl dgst -sha256 -hmac KEY
        Assert.IsType<CallerVerdict.Accepted>(
            await Judge("sha256=62505619dd214f037f2f28159698724b0b23e74a289ef1ab7eff7a963c759c10")
        );

    [Fact]
    public async Task Either_key_is_enough()
    {
        var (first, second) = (EventRequest.Signature(Primary), EventRequest.Signature(Secondary));
        var foreign = EventRequest.Signature("another-key-another-key-another-key-1");
        Assert.IsType<CallerVerdict.Accepted>(await Judge(first));
        Assert.IsType<CallerVerdict.Accepted>(await Judge(second));
        Assert.IsType<CallerVerdict.Accepted>(await Judge($"{foreign},{second}"));
        Assert.IsType<CallerVerdict.Accepted>(await Judge($"{foreign}, {first.ToUpperInvariant()}"));
    }

    [Fact]
    public async Task Anything_else_is_refused()
    {
        var good = EventRequest.Signature(Primary);
        var last = good[^1] == '0' ? '1' : '0';
        foreach (
            var signature in new[]
            {
                null,
                "",
                ",",
                "sha256=",
                good[7..],
                good[..^1] + last,
                good[..^2],
                good + "00",
                "sha256=" + new string('z', 64),
                "sha1=" + good[7..],
                EventRequest.Signature(Primary, "conn-2"),
                EventRequest.Signature("another-key-another-key-another-key-1"),
                string.Concat(Enumerable.Repeat("sha256=0,", 200)) + good,
            }
        )
        {
            Assert.IsType<CallerVerdict.Refused>(await Judge(signature));
        }
    }

    [Fact]
    public async Task A_signature_needs_a_connection() =>
        Assert.IsType<CallerVerdict.Refused>(await Judge(EventRequest.Signature(Primary, ""), connection: null));

    [Fact]
    public void Some_key_is_needed() => Assert.Throws<ArgumentException>(() => new AccessKeyCallerAuthenticator([]));

    private static async Task<CallerVerdict> Judge(string? signature, string? connection = EventRequest.Connection)
    {
        var headers = new HeaderDictionary { ["ce-connectionId"] = connection, ["ce-signature"] = signature };
        return await new AccessKeyCallerAuthenticator([
            new AccessKey(Primary),
            new AccessKey(Secondary),
        ]).AuthenticateAsync(headers, TestContext.Current.CancellationToken);
    }
}
