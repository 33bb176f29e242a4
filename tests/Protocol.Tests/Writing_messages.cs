using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>
/// What clients get, as docs/protocol-facts.md#commands shows it: exact text, so that no null and no field slips
/// in.
/// </summary>
public sealed class Writing_messages
{
    private static readonly ProjectId Text = new(JsonId.Of("1"));

    public static TheoryData<ServerMessage, string> Golden =>
        new()
        {
            {
                new ServerMessage.LoginAccepted("client-7", "Hugo"),
                """{"command":"login","data":{"client":"client-7","userName":"Hugo"}}"""
            },
            {
                new ServerMessage.Error("login", "Wrong username/password"),
                """{"command":"login","error":"Wrong username/password"}"""
            },
            { new ServerMessage.Joined("Hugo"), """{"command":"join","data":{"userName":"Hugo"}}""" },
            {
                new ServerMessage.Users(["Hugo", "Ines", "Hugo"]),
                """{"command":"users","data":{"users":["Hugo","Ines","Hugo"]}}"""
            },
            { new ServerMessage.Users([]), """{"command":"users","data":{"users":[]}}""" },
            { new ServerMessage.LoggedOut(), """{"command":"logout","data":{}}""" },
            { new ServerMessage.Left("Hugo"), """{"command":"logout","data":{"userName":"Hugo"}}""" },
            {
                new ServerMessage.Projects([new(Frames.ProjectOne, "SaaS"), new(Text, "Other")]),
                """{"command":"projects","data":{"projects":[{"id":1,"name":"SaaS"},{"id":"1","name":"Other"}]}}"""
            },
            { new ServerMessage.Projects([]), """{"command":"projects","data":{"projects":[]}}""" },
            {
                new ServerMessage.Dataset(Frames.ProjectOne, 41, Frames.Bytes("""{"tasksData":[],"project":{}}""")),
                """{"command":"dataset","data":{"project":1,"revision":41,"dataset":{"tasksData":[],"project":{}}}}"""
            },
            {
                new ServerMessage.Dataset(Text, 0, Frames.Bytes("{}")),
                """{"command":"dataset","data":{"project":"1","revision":0,"dataset":{}}}"""
            },
            {
                new ServerMessage.Error("dataset", "Project id is required"),
                """{"command":"dataset","error":"Project id is required"}"""
            },
            {
                new ServerMessage.ResetDone(Frames.ProjectOne, "Hugo"),
                """{"command":"reset","data":{"project":1,"userName":"Hugo"}}"""
            },
            { new ServerMessage.Version("0.1.0"), """{"command":"version","data":{"version":"0.1.0"}}""" },
            {
                new ServerMessage.Error(
                    "project_change",
                    "Subscription to project is required. Load project first",
                    Frames.ProjectOne
                ),
                """{"command":"project_change","data":{"project":1},"error":"Subscription to project is required. Load project first"}"""
            },
            {
                new ServerMessage.Error(null, "Message is not valid JSON near byte 0"),
                """{"command":"error","error":"Message is not valid JSON near byte 0","message":"Message is not valid JSON near byte 0"}"""
            },
            {
                new ServerMessage.Error(null, "No", Text),
                """{"command":"error","data":{"project":"1"},"error":"No","message":"No"}"""
            },
        };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Each_message_has_its_exact_shape(ServerMessage message, string frame) =>
        Assert.Equal(frame, Frames.Write(message));

    [Fact]
    public void Saved_versions_have_messages_of_their_own()
    {
        Assert.Equal(
            """{"command":"versionAutoSaveOK","data":{"project":1}}""",
            Frames.Write(new ServerMessage.VersionAutosaveGranted(Frames.ProjectOne))
        );
        Assert.Equal(
            """{"command":"load_version_content","data":{"project":"1","versionId":7,"content":{"n":1.50}}}""",
            Frames.Write(new ServerMessage.VersionContent(Text, JsonId.Of(7), Frames.Bytes("""{"n":1.50}""")))
        );
    }

    [Fact]
    public void A_change_carries_numbers_as_numbers_and_leaves_out_what_is_absent()
    {
        var own = Revision("""{"tasks":{}}""") with { Number = 42, Client = "\"c-uuid\"" };
        var resolution = Revision("{}") with { Number = 43, LocalRevision = "6", ConflictResolutionFor = "41" };
        Assert.Equal(
            """{"command":"project_change","data":{"project":1,"revisions":["""
                + """{"revision":42,"localRevision":"local-5","client":"c-uuid","changes":{"tasks":{}}},"""
                + """{"revision":43,"localRevision":6,"conflictResolutionFor":41,"changes":{}}]}}""",
            Frames.Write(new ServerMessage.ProjectChange(Frames.ProjectOne, [own, resolution]))
        );
    }

    [Theory]
    [InlineData("""{"d":"2026-03-29T02:30:00","n":[1.0,1e2,-0,12345678901234567890],"s":"\u0041\/é😀<b>","s":null}""")]
    [InlineData("{ \"half a pair\" :\t\"\\ud83d\" }")]
    public void Raw_parts_leave_byte_for_byte(string raw)
    {
        var change = new ServerMessage.ProjectChange(Frames.ProjectOne, [Revision(raw) with { Client = "1.50" }]);
        Assert.Contains($"\"client\":1.50,\"changes\":{raw}}}]", Frames.Write(change), StringComparison.Ordinal);
        var dataset = new ServerMessage.Dataset(Frames.ProjectOne, 1, Frames.Bytes(raw));
        Assert.EndsWith($"\"dataset\":{raw}}}}}", Frames.Write(dataset), StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_survive_the_way_from_client_to_client()
    {
        const string changes = """{"tasks":{"added":[{"$PhantomId":"_g","startDate":"2026-01-01T08:00:00","w":1.0}]}}""";
        var read = Frames.Bytes(Frames.ChangesRead(changes));
        var frame = Frames.Write(
            new ServerMessage.ProjectChange(Frames.ProjectOne, [Revision("{}") with { Changes = read }])
        );
        Assert.Contains(changes, frame, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_stay_readable_and_cannot_break_out()
    {
        Assert.Equal(
            """{"command":"users","data":{"users":["Ölaf Müller 李 <b>&'+`/","\"\\\n\u0000"]}}""",
            Frames.Write(new ServerMessage.Users(["Ölaf Müller 李 <b>&'+`/", "\"\\\n\0"]))
        );
        var name = "😀 \u2028 \ud800";
        using var frame = JsonDocument.Parse(new BryntumDialect().Write(new ServerMessage.Joined(name)));
        Assert.Equal(
            "😀 \u2028 \ufffd",
            frame.RootElement.GetProperty("data").GetProperty("userName").GetString()
        );
    }

    [Fact]
    public void A_message_of_many_revisions_is_complete()
    {
        var revisions = Enumerable.Range(1, 3_000).Select(n => Revision($$"""{"n":{{n}}}""") with { Number = n });
        var frame = new BryntumDialect().Write(new ServerMessage.ProjectChange(Text, [.. revisions]));
        using var json = JsonDocument.Parse(frame);
        var written = json.RootElement.GetProperty("data").GetProperty("revisions");
        Assert.Equal(3_000, written.GetArrayLength());
        Assert.Equal(3_000, written[2_999].GetProperty("changes").GetProperty("n").GetInt32());
    }

    [Fact]
    public void A_list_that_outgrows_the_first_buffer_is_complete()
    {
        string[] names = [.. Enumerable.Range(1, 5_000).Select(number => $"Somebody with the number {number}")];
        using var json = JsonDocument.Parse(new BryntumDialect().Write(new ServerMessage.Users(names)));
        var written = json.RootElement.GetProperty("data").GetProperty("users").EnumerateArray();
        Assert.Equal(names, written.Select(name => name.GetString()!), StringComparer.Ordinal);
    }

    [Fact]
    public void A_project_id_comes_back_with_the_type_it_was_sent_with()
    {
        foreach (var json in new[] { "7", "\"7\"", "1.5", "\"Straße \\\"7\\\"\"", "1e+21" })
        {
            var command = Frames.Read($$$"""{"command":"dataset","data":{"project":{{{json}}}}}""");
            var project = Assert.IsType<ClientCommand.Dataset>(command).Project;
            Assert.Contains(
                $"\"project\":{json},",
                Frames.Write(new ServerMessage.Dataset(project!.Value, 1, Frames.Bytes("{}"))),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void There_is_no_message_null() =>
        Assert.Throws<ArgumentNullException>(() => new BryntumDialect().Write(null!));

    private static PublishedRevision Revision(string changes) =>
        new(1, "\"local-5\"", Client: null, ConflictResolutionFor: null, Frames.Bytes(changes));
}
