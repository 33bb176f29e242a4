using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>Every way to send something other than a command, with the error that names it.</summary>
public sealed class Refusing_bad_frames
{
    [Theory]
    [InlineData("", "Message is not valid JSON near byte 0")]
    [InlineData("{", "Message is not valid JSON near byte 1")]
    [InlineData("hello", "Message is not valid JSON near byte 0")]
    [InlineData("""{"command":"version",}""", "Message is not valid JSON near byte 21")]
    [InlineData("""{"command":"version"}{}""", "Message is not valid JSON near byte 21")]
    [InlineData("""{"command":"version","data":{"a":01}}""", "Message is not valid JSON near byte 33")]
    [InlineData("""{"command":"version" /* why */}""", "Message is not valid JSON near byte 21")]
    [InlineData("\uFEFF{\"command\":\"version\"}", "Message is not valid JSON near byte 0")]
    [InlineData("[]", "Message must be a JSON object")]
    [InlineData("null", "Message must be a JSON object")]
    [InlineData("7", "Message must be a JSON object")]
    [InlineData("\"login\"", "Message must be a JSON object")]
    [InlineData("""[{"command":"version"}]""", "Message must be a JSON object")]
    [InlineData("{}", "command must be a string")]
    [InlineData("""{"command":null}""", "command must be a string")]
    [InlineData("""{"command":["login"]}""", "command must be a string")]
    [InlineData("""{"command":"\ud800"}""", "command must be a string")]
    public void That_are_no_message(string frame, string error) =>
        Assert.Equal(new ClientCommand.Invalid(null, error), Frames.Read(frame));

    [Theory]
    [InlineData("", "Unknown command: ")]
    [InlineData("Login", "Unknown command: Login")]
    [InlineData("projectChange", "Unknown command: projectChange")]
    [InlineData("loadVersionContent", "Unknown command: loadVersionContent")]
    [InlineData("<img src=x onerror=alert(1)>", "Unknown command: ?img?src?x?onerror?alert?1??")]
    [InlineData("a\\n\\u0000é", "Unknown command: a???")]
    [InlineData(
        "0123456789012345678901234567890123456789x",
        "Unknown command: 0123456789012345678901234567890123456789..."
    )]
    public void Whose_command_is_unknown(string command, string error) =>
        Assert.Equal(new ClientCommand.Invalid(null, error), Frames.Read($$"""{"command":"{{command}}","data":7}"""));

    [Theory]
    [InlineData("login", "login")]
    [InlineData("projects", "projects")]
    [InlineData("dataset", "dataset")]
    [InlineData("project_change", "project_change")]
    [InlineData("reset", "reset")]
    [InlineData("version", "version")]
    [InlineData("logout", null)] // The seed's page throws at a logout without data.
    public void Whose_data_is_no_object(string command, string? answered)
    {
        foreach (var data in new[] { "[]", "1", "\"x\"", "true" })
        {
            Assert.Equal(
                new ClientCommand.Invalid(answered, "data must be an object"),
                Frames.Read($$"""{"command":"{{command}}","data":{{data}}}""")
            );
        }
    }

    /// <summary>One rule for every object in a frame: the envelope, unread fields, and change sets.</summary>
    [Theory]
    [InlineData("""{"command":"dataset","command":"reset","data":{"project":1}}""", "reset", true, "command occurs twice in one object")]
    [InlineData("""{"command":"dataset","data":{"project":7,"project":1}}""", "dataset", true, "project occurs twice in one object")]
    [InlineData("""{"command":"login","data":{"login":"Ines","l\u006fgin":"Hugo"}}""", "login", false, "login occurs twice in one object")]
    [InlineData("""{"command":"reset","data":{"project":1,"more":[{"x":1,"x":1}]}}""", "reset", true, "x occurs twice in one object")]
    [InlineData("""{"command":"logout","x":1,"x":2}""", null, false, "x occurs twice in one object")]
    [InlineData("""{"x":1,"x":2}""", null, false, "x occurs twice in one object")]
    [InlineData("""[{"x":1,"x":2}]""", null, false, "x occurs twice in one object")]
    [InlineData("""{"command":"version","\ud800":1}""", null, false, "?ud800 contains a lone surrogate")]
    [InlineData("""{"command":"dataset","data":{"\ud800":1}}""", "dataset", false, "?ud800 contains a lone surrogate")]
    public void In_which_a_name_cannot_be_used(string frame, string? command, bool hasProject, string fault) =>
        Assert.Equal(
            new ClientCommand.Invalid(
                command,
                $"Message cannot be used: the name {fault}",
                hasProject ? Frames.ProjectOne : null
            ),
            Frames.Read(frame)
        );

    [Theory]
    [InlineData("""{"revision":"local-1","changes":{"tasks":{},"tasks":{}}}""", "tasks occurs twice in one object")]
    [InlineData("""{"revision":"local-1","changes":{"tasks":{"updated":[{"id":1,"id":2}]}}}""", "id occurs twice in one object")]
    [InlineData("""{"revision":"local-1","revision":"local-2","changes":{}}""", "revision occurs twice in one object")]
    [InlineData("""{"revision":"local-1","changes":{},"changes":{}}""", "changes occurs twice in one object")]
    [InlineData("""{"revision":"local-1","changes":{"\ud83d":1}}""", "?ud83d contains a lone surrogate")]
    public void In_which_a_name_of_a_change_cannot_be_used_name_command_and_project(string revision, string fault) =>
        Assert.Equal(
            new ClientCommand.Invalid(
                "project_change",
                $"Message cannot be used: the name {fault}",
                Frames.ProjectOne
            ),
            Frames.Read(Frames.ChangeOf(revision))
        );

    [Fact]
    public void With_more_names_than_can_be_compared_pairwise()
    {
        var names = string.Join(',', Enumerable.Range(0, 90_000).Select(static number => $"\"{number}\":0"));

        Assert.IsType<ClientCommand.Version>(Frames.Read($$"""{"command":"version",{{names}}}"""));
        Assert.Equal(
            new ClientCommand.Invalid("version", "Message cannot be used: the name 5 occurs twice in one object"),
            Frames.Read($$"""{"command":"version",{{names}},"5":1}""")
        );
    }

    [Fact]
    public void That_are_larger_than_the_service_carries()
    {
        var fitting = """{"command":"version"}""".PadRight(MessageLimits.FrameBytesMax);
        Assert.Equal(new ClientCommand.Version(), Frames.Read(fitting));
        Assert.Equal(
            new ClientCommand.Invalid(null, "Message is larger than 1048576 bytes"),
            Frames.Read(fitting + " ")
        );
    }

    [Theory]
    [InlineData(0xff)]
    [InlineData(0xc3)]
    [InlineData(0x80)]
    public void That_are_not_utf8_even_in_parts_that_are_not_read(int stray)
    {
        var frame = Frames.Bytes(Frames.ChangeOf("""{"revision":"local-1","changes":{"name":"?"}}"""));
        frame[Array.IndexOf(frame, (byte)'?')] = (byte)stray;
        Assert.Equal(
            new ClientCommand.Invalid(null, "Message is not valid UTF-8"),
            new BryntumDialect().Read(frame)
        );
    }

    [Theory]
    [InlineData('[', ']', "")]
    [InlineData('[', ']', "1")]
    [InlineData('{', '}', "")]
    public void That_are_nested_too_deep(char open, char close, string core)
    {
        // The frame, data, revisions and the revision are four levels, changes the fifth.
        var allowed = MessageLimits.DepthMax - 5;
        Assert.IsType<ClientCommand.ProjectChange>(Frames.Read(Nested(allowed)));
        Assert.Equal(
            new ClientCommand.Invalid(null, "Message is nested deeper than 64 levels"),
            Frames.Read(Nested(allowed + 1))
        );

        string Nested(int levels)
        {
            var opening = open == '{' ? string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{" : new(open, levels);
            var value = opening + core + new string(close, levels);
            return Frames.ChangeOf($$$"""{"revision":"local-1","changes":{"a":{{{value}}}}}""");
        }
    }

    [Fact]
    public void That_are_nothing_but_brackets() =>
        Assert.Equal(
            new ClientCommand.Invalid(null, "Message is nested deeper than 64 levels"),
            Frames.Read(new string('[', MessageLimits.FrameBytesMax))
        );
}
