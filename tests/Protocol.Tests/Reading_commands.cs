using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>What clients send, as docs/protocol-facts.md#commands shows it.</summary>
public sealed class Reading_commands
{
    [Fact]
    public void A_login_with_the_empty_password_of_the_seed() =>
        Assert.Equal(
            new ClientCommand.Login("Hugo", ""),
            Frames.Read("""{"command":"login","data":{"login":"Hugo","password":""}}""")
        );

    [Theory]
    [InlineData("""{"login":"Hugo"}""", "")]
    [InlineData("""{"login":"Hugo","password":null}""", "")]
    [InlineData("""{"login":"Hugo","password":"päss\t\"word\""}""", "päss\t\"word\"")]
    public void A_password_is_optional_and_may_hold_anything(string data, string password) =>
        Assert.Equal(
            new ClientCommand.Login("Hugo", password),
            Frames.Read($$"""{"command":"login","data":{{data}}}""")
        );

    [Fact]
    public void A_login_name_of_the_greatest_length()
    {
        var name = new string('ä', MessageLimits.UserNameLengthMax);
        Assert.Equal(
            new ClientCommand.Login(name, ""),
            Frames.Read($$$"""{"command":"login","data":{"login":"{{{name}}}"}}""")
        );
    }

    [Theory]
    [InlineData(""","data":{}""")]
    [InlineData(""","data":null""")]
    [InlineData("")]
    [InlineData(""","data":{"unknown":[1,{"a":null}]},"extra":{"data":5}""")]
    public void Commands_without_content_need_no_data(string rest)
    {
        Assert.Equal(new ClientCommand.Logout(), Frames.Read($$"""{"command":"logout"{{rest}}}"""));
        Assert.Equal(new ClientCommand.Projects(), Frames.Read($$"""{"command":"projects"{{rest}}}"""));
        Assert.Equal(new ClientCommand.Version(), Frames.Read($$"""{"command":"version"{{rest}}}"""));
    }

    [Fact]
    public void A_version_is_asked_for_by_project_and_id()
    {
        Assert.Equal(
            new ClientCommand.LoadVersionContent(Frames.ProjectOne, JsonId.Of("v")),
            Frames.Read("""{"command":"load_version_content","data":{"versionId":"v","project":1}}""")
        );
        Assert.Equal(
            new ClientCommand.LoadVersionContent(null, null),
            Frames.Read("""{"command":"load_version_content","data":{"versionId":null}}""")
        );
        var invalid = Assert.IsType<ClientCommand.Invalid>(
            Frames.Read("""{"command":"load_version_content","data":{"versionId":[],"project":1}}""")
        );
        Assert.StartsWith("data.versionId must be", invalid.Error, StringComparison.Ordinal);
        Assert.Equal(Frames.ProjectOne, invalid.Project);
    }

    [Theory]
    [InlineData("1", "n1")]
    [InlineData("1.0", "n1")]
    [InlineData("\"1\"", "s1")]
    [InlineData("\"Straße 7\"", "sStra~c3~9fe~207")]
    [InlineData("\"__proto__\"", "s__proto__")]
    [InlineData("-0.5", "n-0~2e5")]
    public void A_project_id_keeps_its_json_type(string json, string key)
    {
        var dataset = Frames.Read($$$"""{"command":"dataset","data":{"project":{{{json}}}}}""");
        Assert.Equal(key, Assert.IsType<ClientCommand.Dataset>(dataset).Project?.Key);
        var reset = Frames.Read($$$"""{"command":"reset","data":{"project":{{{json}}}}}""");
        Assert.Equal(key, Assert.IsType<ClientCommand.Reset>(reset).Project?.Key);
        var autosave = Frames.Read($$$"""{"command":"request_version_autosave","data":{"project":{{{json}}}}}""");
        Assert.Equal(key, Assert.IsType<ClientCommand.RequestVersionAutosave>(autosave).Project?.Key);
        var change = Frames.Read(
            Frames.Change($$$"""{"project":{{{json}}},"revisions":[{"revision":"local-1","changes":{}}]}""")
        );
        Assert.Equal(key, Assert.IsType<ClientCommand.ProjectChange>(change).Project?.Key);
    }

    [Theory]
    [InlineData(""","data":{}""")]
    [InlineData(""","data":{"project":null}""")]
    [InlineData(""","data":null""")]
    [InlineData("")]
    public void A_missing_project_is_left_for_the_engine_to_answer(string rest)
    {
        Assert.Equal(new ClientCommand.Dataset(null), Frames.Read($$"""{"command":"dataset"{{rest}}}"""));
        Assert.Equal(new ClientCommand.Reset(null), Frames.Read($$"""{"command":"reset"{{rest}}}"""));
    }

    [Fact]
    public void A_change_without_project_is_left_for_the_engine_to_answer()
    {
        var command = Frames.Read(Frames.Change("""{"revisions":[{"revision":"local-1","changes":{}}]}"""));
        Assert.Null(Assert.IsType<ClientCommand.ProjectChange>(command).Project);
    }

    [Fact]
    public void Names_of_the_browsers_prototypes_are_plain_unknown_fields() =>
        Assert.Equal(
            new ClientCommand.Dataset(new ProjectId(JsonId.Of("constructor"))),
            Frames.Read(
                """
                {"__proto__":{"command":"reset"},"constructor":1,"$id":"1","$ref":"2","$type":"x","command":"dataset",
                "data":{"__proto__":{"project":9},"$ref":"1","hasOwnProperty":0,"project":"constructor"}}
                """
            )
        );

    [Fact]
    public void Field_names_are_told_apart_by_case() =>
        Assert.Equal(
            new ClientCommand.Dataset(null),
            Frames.Read("""{"Command":"reset","command":"dataset","data":{"Project":1}}""")
        );

    [Fact]
    public void White_space_around_and_within_a_frame_is_fine() =>
        Assert.Equal(new ClientCommand.Version(), Frames.Read(" \r\n\t{ \"command\" : \"version\" , \"data\" : { } } \n"));
}
