using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Engine.Committing;
using ServerlessSync.Core.Engine.Forwarding;
using ServerlessSync.Core.Engine.Subscribing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Engine;

public sealed class Answering_what_was_forwarded
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    public static TheoryData<string> Reasons { get; } =
        [new string('x', 5_000), new string('"', 5_000), string.Concat(Enumerable.Repeat("\U0001F600", 2_500)), Refusals.NotTaken];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void The_answers_to_a_full_row_fit_it_whatever_the_reasons(string reason)
    {
        var items = Items(SubmissionCodec.ItemsMax);
        var answers = SubmissionCodec.WriteAnswers([.. items.Select(item => Resync(item, reason))], always: false)!;

        var row = new InboxRow("i-engine-1", new ETag("1"), ReadOnlyMemory<byte>.Empty, Answers: null, WantsAnswer: false, Now);
        TableLimits.Check("p", [InboxCodec.ToAction(new InboxReceipt(row, answers, Now))]);
        Assert.All(
            SubmissionCodec.ReadAnswers(answers, items),
            answer => Assert.True(answer.Resync is { Length: > 0 } read && reason.StartsWith(read, StringComparison.Ordinal), answer.Resync)
        );
    }

    [Fact]
    public void What_the_window_refuses_is_recognised_in_a_full_row()
    {
        var items = Items(SubmissionCodec.ItemsMax);
        var answers = SubmissionCodec.WriteAnswers([.. items.Select(static item => Resync(item, reason: null) with { IsRefusedByWindow = true })], always: false)!;

        Assert.InRange(answers.Length, 1, TableLimits.StringCharactersMax);
        Assert.All(SubmissionCodec.ReadAnswers(answers, items), static answer => Assert.True(answer.IsRefusedByWindow));
    }

    [Fact]
    public void A_refusal_keeps_its_reason()
    {
        var items = Items(1);
        var refused = new Decision(items[0], Revision: null, new ProjectOutcome.Refused(Refusals.NotAllowed), Resync: null);

        var answer = Assert.Single(SubmissionCodec.ReadAnswers(SubmissionCodec.WriteAnswers([refused], always: false)!, items));

        Assert.Equal(refused.Outcome, answer.Outcome);
    }

    private static Decision Resync(SubmitItem item, string? reason) => new(item, Revision: null, Outcome: null, reason);

    private static List<ChangeItem> Items(int count) =>
        [
            .. Enumerable
                .Range(1, count)
                .Select(number => new ChangeItem(
                    new Origin("u", new ConnectionId($"c{number}"), number),
                    Now,
                    received: 0,
                    revisions: [],
                    new ClientDatasetState(Stated: null, Sent: 0, Now, Pause: null),
                    session: null
                )),
        ];
}
