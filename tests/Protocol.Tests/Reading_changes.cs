using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>
/// <c>project_change</c> from a client: docs/protocol-facts.md#changes-from-a-client and
/// #client-ids.
/// </summary>
public sealed class Reading_changes
{
    private const string Queue = """
        {"command":"project_change","data":{"project":1,"client":"c-uuid","revisions":[
          {"revision":"local-5","clientId":"c-uuid","changes":{"tasks":{"updated":[{"name":"X","id":"t1"}],"$input":{"updated":[{"id":"t1","name":"X"}]}}}},
          {"revision":"local-6","clientId":"c-uuid","conflictResolutionFor":"server-41","changes":{"dependencies":{"updated":[{"active":false,"id":"d9"}],"$input":{"updated":[{"id":"d9","active":false}]}}}}]}}
        """;

    [Fact]
    public void A_queue_of_two_revisions_with_a_conflict_resolution()
    {
        var command = Assert.IsType<ClientCommand.ProjectChange>(Frames.Read(Queue));
        Assert.Equal(new ProjectId(JsonId.Of(1)), command.Project);
        Assert.Null(command.Session);
        Assert.Null(command.DatasetRevision);
        Assert.Collection(
            command.Revisions,
            first =>
            {
                Assert.Equal("\"local-5\"", first.LocalRevision);
                Assert.Equal("\"c-uuid\"", first.Client);
                Assert.Null(first.ConflictResolutionFor);
                Assert.Equal(
                    """{"tasks":{"updated":[{"name":"X","id":"t1"}],"$input":{"updated":[{"id":"t1","name":"X"}]}}}""",
                    Frames.Text(first.Changes)
                );
            },
            second =>
            {
                Assert.Equal("\"local-6\"", second.LocalRevision);
                Assert.Equal("\"server-41\"", second.ConflictResolutionFor);
                Assert.Equal(
                    """{"dependencies":{"updated":[{"active":false,"id":"d9"}],"$input":{"updated":[{"id":"d9","active":false}]}}}""",
                    Frames.Text(second.Changes)
                );
            }
        );
    }

    [Fact]
    public void The_seeds_example_with_a_number_and_a_null()
    {
        var revision = Single("""{"revision":5,"clientId":"client-uuid","changes":{},"conflictResolutionFor":null}""");
        Assert.Equal("5", revision.LocalRevision);
        Assert.Null(revision.ConflictResolutionFor);
        Assert.Equal("{}", Frames.Text(revision.Changes));
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData(""" "client":"m", """, "", "\"m\"")]
    [InlineData(""" "client":"m", """, ""","clientId":"r" """, "\"r\"")]
    [InlineData(""" "client":"m", """, ""","clientId":null""", "\"m\"")]
    [InlineData(""" "client":null, """, ""","clientId":7""", "7")]
    [InlineData(""" "client":7.50, """, "", "7.50")]
    public void The_client_of_the_revision_goes_before_that_of_the_message(
        string inMessage,
        string inRevision,
        string? client
    )
    {
        var data = $$"""{ {{inMessage}} "project":1,"revisions":[{"revision":"local-1","changes":{} {{inRevision}} }]}""";
        var command = Assert.IsType<ClientCommand.ProjectChange>(Frames.Read(Frames.Change(data)));
        Assert.Equal(client, Assert.Single(command.Revisions).Client);
    }

    [Fact]
    public void Tokens_keep_their_spelling()
    {
        var revision = Single(
            """{"revision":1.50e1,"clientId":"\u0041\/é","conflictResolutionFor":"server-\u0034","changes":{}}"""
        );
        Assert.Equal("1.50e1", revision.LocalRevision);
        Assert.Equal("""
            "\u0041\/é"
            """, revision.Client);
        Assert.Equal("""
            "server-\u0034"
            """, revision.ConflictResolutionFor);
    }

    [Fact]
    public void Our_client_names_its_session_and_the_revision_of_its_dataset()
    {
        var command = Assert.IsType<ClientCommand.ProjectChange>(
            Frames.Read(
                Frames.Change(
                    """{"project":1,"session":"p\u0061ge-1","datasetRevision":41,"revisions":[{"revision":"local-1","changes":{}}]}"""
                )
            )
        );
        Assert.Equal("page-1", command.Session);
        Assert.Equal(41, command.DatasetRevision);
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("9007199254740991", MessageLimits.RevisionNumberMax)]
    [InlineData("null", null)]
    public void The_revision_of_the_dataset_is_an_exact_integer(string json, long? expected)
    {
        var data = $$$"""{"datasetRevision":{{{json}}},"session":null,"revisions":[{"revision":"local-1","changes":{}}]}""";
        var command = Assert.IsType<ClientCommand.ProjectChange>(Frames.Read(Frames.Change(data)));
        Assert.Equal(expected, command.DatasetRevision);
        Assert.Null(command.Session);
    }

    [Theory]
    [InlineData("""{"tasks":{"updated":[{"startDate":"2026-03-29T02:30:00","endDate":"2026-03-29T02:30:00Z"}]}}""")]
    [InlineData("""{"a":[1.0,1e2,-0,0.1000,123456789012345678901234567890,1E+5]}""")]
    [InlineData("""{"a":"\u0041\/\ud83d\ude00 😀 \"\\ é <b>&'+"}""")]
    [InlineData("""{"half a pair":"\ud83d"}""")]
    [InlineData("""{"a":{"a":{"a":1}},"A":[{"a":1},{"a":1}]}""")]
    [InlineData("""{"__proto__":{"x":1},"constructor":null,"$ref":"#","unknown":[[],{}]}""")]
    [InlineData("{ \t\"tasks\" :\r\n { \"$input\" : { } } }")]
    [InlineData("{}")]
    public void Changes_are_kept_byte_for_byte(string changes) => Assert.Equal(changes, Frames.ChangesRead(changes));

    [Fact]
    public void Changes_are_no_copy_of_the_frame()
    {
        var frame = Frames.Bytes(Queue);
        var command = Assert.IsType<ClientCommand.ProjectChange>(new BryntumDialect().Read(frame));
        Assert.All(command.Revisions, revision => Assert.True(frame.AsSpan().Overlaps(revision.Changes.Span)));
    }

    [Fact]
    public void As_many_revisions_as_allowed_keep_their_order()
    {
        var revisions = Enumerable
            .Range(1, MessageLimits.RevisionsMax)
            .Select(number => $$$"""{"revision":"local-{{{number}}}","changes":{"n":{{{number}}}}}""");
        var frame = Frames.Change($$"""{"project":1,"revisions":[{{string.Join(',', revisions)}}]}""");
        var command = Assert.IsType<ClientCommand.ProjectChange>(Frames.Read(frame));
        Assert.Equal(MessageLimits.RevisionsMax, command.Revisions.Count);
        Assert.All(
            command.Revisions,
            (revision, index) =>
            {
                Assert.Equal($"\"local-{index + 1}\"", revision.LocalRevision);
                Assert.Equal($$"""{"n":{{index + 1}}}""", Frames.Text(revision.Changes));
            }
        );
    }

    [Fact]
    public void A_token_of_the_greatest_length_is_counted_in_characters()
    {
        var token = JsonSerializer.Serialize(new string('x', MessageLimits.TokenLengthMax - 2));
        token = token.Replace('x', 'é');
        Assert.Equal(token, Single($$$"""{"revision":{{{token}}},"changes":{}}""").LocalRevision);
    }

    private static SubmittedRevision Single(string revision) =>
        Assert.Single(Assert.IsType<ClientCommand.ProjectChange>(Frames.Read(Frames.ChangeOf(revision))).Revisions);
}
