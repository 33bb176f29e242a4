using CsCheck;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>The engine refuses what cannot be published before committing it, so sizes must be known before writing.</summary>
public sealed class Sizing_messages
{
    [Fact]
    public void The_bound_of_a_revision_is_never_too_low_and_close()
    {
        var text = Gen.String[Gen.Char["aé李\"\\"], 0, 30].Select(value => JsonId.Of($"x{value}").ToJson());
        var revision = Gen.Select(
            Gen.Long[1, MessageLimits.RevisionNumberMax],
            text,
            text.Null(),
            text.Null(),
            Gen.Int[0, 500],
            (number, local, client, conflict, length) =>
                new PublishedRevision(number, local, client, conflict, Frames.Bytes($"{{\"a\":\"{new('é', length)}\"}}"))
        );
        revision.Array[1, 5].Sample(
            revisions =>
            {
                var bytes = Write(new ProjectId(JsonId.Of(1)), revisions).Length;
                var bound = MessageLimits.ChangeEnvelopeBytesMax + revisions.Sum(item => item.BytesMax);
                Assert.InRange(bytes, bound - MessageLimits.ChangeEnvelopeBytesMax - (60 * revisions.Length), bound);
            },
            iter: 1_000
        );
    }

    [Fact]
    public void The_largest_envelopes_are_exactly_as_derived()
    {
        var token = $"\"{new string('李', MessageLimits.TokenLengthMax - 2)}\"";
        var revision = new PublishedRevision(long.MinValue, token, token, token, Frames.Bytes("{}"));
        var project = new ProjectId(JsonId.Of(new string('\u2028', JsonId.LengthMax)));
        var one = Write(project, revision).Length;
        var two = Write(project, revision, revision).Length;

        // Each token has two quotes, which are not three bytes each.
        Assert.Equal(MessageLimits.RevisionEnvelopeBytesMax + 2 - (3 * 2 * 2), two - one);
        Assert.Equal(two - one, revision.BytesMax);
        // The first revision has no comma before it.
        Assert.Equal(MessageLimits.ChangeEnvelopeBytesMax, one - (two - one) + 1);
    }

    [Fact]
    public void The_largest_revision_fits_a_message_and_a_frame_fits_the_service()
    {
        Assert.InRange(
            MessageLimits.RevisionBytesMax + MessageLimits.ChangeEnvelopeBytesMax,
            0,
            GatewayLimits.MessageBytesMax
        );
        Assert.Equal(MessageLimits.FrameBytesMax, GatewayLimits.MessageBytesMax);
    }

    private static byte[] Write(ProjectId project, params PublishedRevision[] revisions) =>
        new BryntumDialect().Write(new ServerMessage.ProjectChange(project, revisions));
}
