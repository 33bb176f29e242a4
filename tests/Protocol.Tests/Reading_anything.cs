using CsCheck;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>Any client can send a frame: whatever its content, reading it returns a value.</summary>
public sealed class Reading_anything
{
    private static readonly string[] Seeds =
    [
        """{"command":"login","data":{"login":"Hugo","password":""}}""",
        """{"command":"dataset","data":{"project":"Stra\u00dfe \ud83d\ude00"}}""",
        """{"command":"reset","data":{"project":1.5e3}}""",
        """{"command":"project_change","data":{"project":1,"client":"c","session":"s","datasetRevision":4,"revisions":[{"revision":"local-1","clientId":7,"conflictResolutionFor":"server-1","changes":{"tasks":{"added":[{"$PhantomId":"_g\ud83d\ude00","n":[1.0,null,true]}]}}},{"revision":2,"changes":{}}]}}""",
    ];

    // Fragments of JSON find more faults than random bytes, most of which only break the syntax.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ":", ",", "\\", "\\u", "\\ud800", "\\udc00", "\\u0000", "null", "true", "{}", "[]",
            "\"\"", "0", "-", "1e999", "1E+308", ".", "99999999999999999999", "\"command\":", "\"data\":",
            "\"project\":", "\"revisions\":", "\"changes\":", "\"__proto__\":", "\"\\ud800\":1,", "\u2028", "😀", "\uFEFF",
        }.Select(Frames.Bytes),
        [0xff], [0xc3], [0x00], [0xed, 0xa0, 0x80],
    ];

    private static readonly Gen<(int Kind, double Where, int Length, int Piece)> Mutation = Gen.Select(
        Gen.Int[0, 3],
        Gen.Double[0, 1],
        Gen.Int[0, 20],
        Gen.Int[0, Pieces.Length - 1]
    );

    [Fact]
    public void Mutated_frames_never_throw()
    {
        var dialect = new BryntumDialect();
        Gen.Select(Gen.Int[0, Seeds.Length - 1].Select(index => Seeds[index]), Mutation.Array[1, 6])
            .Sample(
                (seed, mutations) =>
                {
                    var frame = mutations.Aggregate(Frames.Bytes(seed), Mutate);
                    AssertWithinLimits(dialect.Read(frame));
                },
                iter: 10_000
            );
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var dialect = new BryntumDialect();
        Gen.Byte.Array[0, 200].Sample(frame => AssertWithinLimits(dialect.Read(frame)), iter: 10_000);
    }

    private static byte[] Mutate(byte[] frame, (int Kind, double Where, int Length, int Piece) mutation)
    {
        var at = (int)(mutation.Where * frame.Length);
        var end = Math.Min(frame.Length, at + mutation.Length);
        var piece = Pieces[mutation.Piece];
        return mutation.Kind switch
        {
            0 => [.. frame[..at], .. frame[end..]],
            1 => [.. frame[..at], .. piece, .. frame[at..]],
            2 => [.. frame[..at], .. piece, .. frame[end..]],
            _ => [.. frame[..end], .. frame[at..]],
        };
    }

    private static void AssertWithinLimits(ClientCommand command)
    {
        switch (command)
        {
            case ClientCommand.Invalid invalid:
                Assert.InRange(invalid.Error.Length, 1, 200);
                break;
            case ClientCommand.Login login:
                Assert.InRange(login.UserName.Length, 1, MessageLimits.UserNameLengthMax);
                break;
            case ClientCommand.ProjectChange change:
                Assert.InRange(change.Revisions.Count, 1, MessageLimits.RevisionsMax);
                Assert.All(change.Revisions, revision => Assert.Equal((byte)'{', revision.Changes.Span[0]));
                break;
            default:
                break;
        }
    }
}
