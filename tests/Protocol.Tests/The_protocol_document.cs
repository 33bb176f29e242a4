using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>Other clients are built from <c>docs/protocol.md</c>, so its examples and numbers are checked.</summary>
public sealed class The_protocol_document
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "protocol.md"));

    [Fact]
    public void Shows_client_messages_that_are_understood()
    {
        var frames = Examples("client");
        Assert.NotEmpty(frames);
        Assert.All(frames, frame => Assert.IsNotType<ClientCommand.Invalid>(Frames.Read(frame)));
    }

    [Fact]
    public void Shows_server_messages_that_a_browser_takes()
    {
        var frames = Examples("server");
        Assert.NotEmpty(frames);
        Assert.All(
            frames,
            frame =>
            {
                using var json = JsonDocument.Parse(frame);
                var isError = json.RootElement.TryGetProperty("error", out _);
                Assert.True(isError || json.RootElement.GetProperty("data").ValueKind == JsonValueKind.Object);
                Assert.DoesNotContain("null", frame, StringComparison.Ordinal);
            }
        );
    }

    [Theory]
    [InlineData(nameof(MessageLimits.FrameBytesMax), MessageLimits.FrameBytesMax)]
    [InlineData(nameof(MessageLimits.DepthMax), MessageLimits.DepthMax)]
    [InlineData(nameof(MessageLimits.RevisionsMax), MessageLimits.RevisionsMax)]
    [InlineData(nameof(MessageLimits.RevisionBytesMax), MessageLimits.RevisionBytesMax)]
    [InlineData(nameof(MessageLimits.RevisionEnvelopeBytesMax), MessageLimits.RevisionEnvelopeBytesMax)]
    [InlineData(nameof(MessageLimits.ChangeEnvelopeBytesMax), MessageLimits.ChangeEnvelopeBytesMax)]
    [InlineData(nameof(MessageLimits.ChangeSetRecordsMax), MessageLimits.ChangeSetRecordsMax)]
    [InlineData(nameof(MessageLimits.VersionContentBytesMax), MessageLimits.VersionContentBytesMax)]
    [InlineData(nameof(MessageLimits.UserNameLengthMax), MessageLimits.UserNameLengthMax)]
    [InlineData(nameof(MessageLimits.PasswordLengthMax), MessageLimits.PasswordLengthMax)]
    [InlineData(nameof(MessageLimits.TokenLengthMax), MessageLimits.TokenLengthMax)]
    [InlineData(nameof(MessageLimits.RevisionNumberMax), MessageLimits.RevisionNumberMax)]
    [InlineData(nameof(JsonId) + "." + nameof(JsonId.LengthMax), JsonId.LengthMax)]
    public void Names_the_limits_that_hold(string constant, long limit)
    {
        var row = Assert.Single(Rows(), line => line.EndsWith($"| `{constant}` |", StringComparison.Ordinal));
        Assert.Contains($"| {limit.ToString(CultureInfo.InvariantCulture)} ", row, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Rows() => Document.Split('\n').Where(line => line.StartsWith('|'));

    private static List<string> Examples(string speaker) =>
        [
            .. Document
                .Split($"```json {speaker}\n")
                .Skip(1)
                .SelectMany(block => block.Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries)),
        ];
}
