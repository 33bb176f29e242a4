using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>Every field that can be invalid, with the error that names it and its limit.</summary>
public sealed class Refusing_bad_fields
{
    private const string LoginError =
        "data.login must be a non-empty string of at most 100 characters without control characters or characters that change the text direction";
    private const string PasswordError = "data.password must be a string of at most 256 characters";
    private const string ProjectError =
        "data.project must be a number, or a non-empty string of at most 128 characters without control characters";
    private const string TokenError = " must be a string or a number of at most 200 characters";

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"login":null}""")]
    [InlineData("""{"login":""}""")]
    [InlineData("""{"login":" \u00a0"}""")]
    [InlineData("""{"login":7}""")]
    [InlineData("""{"login":["Hugo"]}""")]
    [InlineData("""{"login":"Hu\ngo"}""")]
    [InlineData("""{"login":"Hugo\u0085"}""")]
    [InlineData("""{"login":"\udc00"}""")]
    public void With_an_unusable_login_name(string data) =>
        Assert.Equal(
            new ClientCommand.Invalid("login", LoginError),
            Frames.Read($$"""{"command":"login","data":{{data}}}""")
        );

    [Fact]
    public void With_a_login_but_no_data() =>
        Assert.Equal(new ClientCommand.Invalid("login", LoginError), Frames.Read("""{"command":"login"}"""));

    [Fact]
    public void With_a_login_name_or_password_that_is_too_long()
    {
        var name = new string('x', MessageLimits.UserNameLengthMax + 1);
        var password = new string('x', MessageLimits.PasswordLengthMax + 1);
        Assert.Equal(
            new ClientCommand.Invalid("login", LoginError),
            Frames.Read($$$"""{"command":"login","data":{"login":"{{{name}}}"}}""")
        );
        Assert.Equal(
            new ClientCommand.Invalid("login", PasswordError),
            Frames.Read($$$"""{"command":"login","data":{"login":"Hugo","password":"{{{password}}}"}}""")
        );
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("\"\\ud800\"")]
    public void With_an_unusable_password(string password) =>
        Assert.Equal(
            new ClientCommand.Invalid("login", PasswordError),
            Frames.Read($$$"""{"command":"login","data":{"login":"Hugo","password":{{{password}}}}}""")
        );

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("true")]
    [InlineData("\"\"")]
    [InlineData("\"a\\u0000b\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1e999")]
    [InlineData("129")]
    [InlineData("1000")]
    public void With_an_unusable_project(string project)
    {
        // Plain numbers represent strings and numbers of that many characters.
        project = project switch
        {
            "129" => $"\"{new string('x', 129)}\"",
            "1000" => new string('1', 1000),
            _ => project,
        };
        var data = $$$"""{"project":{{{project}}},"revisions":[{"revision":"local-1","changes":{}}]}""";
        foreach (var command in new[] { "dataset", "reset", "project_change" })
        {
            Assert.Equal(
                new ClientCommand.Invalid(command, ProjectError),
                Frames.Read($$"""{"command":"{{command}}","data":{{data}}}""")
            );
        }
    }

    [Theory]
    [InlineData("""{"project":1}""", "data.revisions must be a non-empty array")]
    [InlineData("""{"project":1,"revisions":null}""", "data.revisions must be a non-empty array")]
    [InlineData("""{"project":1,"revisions":[]}""", "data.revisions must be a non-empty array")]
    [InlineData("""{"project":1,"revisions":{}}""", "data.revisions must be a non-empty array")]
    [InlineData("""{"project":1,"client":{},"revisions":[]}""", "data.client" + TokenError)]
    [InlineData("""{"project":1,"client":true,"revisions":[]}""", "data.client" + TokenError)]
    [InlineData(
        """{"project":1,"session":7,"revisions":[]}""",
        "data.session must be a non-empty string of at most 200 characters"
    )]
    [InlineData(
        """{"project":1,"session":"","revisions":[]}""",
        "data.session must be a non-empty string of at most 200 characters"
    )]
    public void With_a_change_message_that_is_unusable(string data, string error) =>
        Assert.Equal(
            new ClientCommand.Invalid("project_change", error, Frames.ProjectOne),
            Frames.Read(Frames.Change(data))
        );

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"1\"")]
    [InlineData("9007199254740992")]
    [InlineData("1e3")]
    [InlineData("123456789012345678901234567890")]
    public void With_a_dataset_revision_that_is_no_number_of_ours(string json) =>
        Assert.Equal(
            new ClientCommand.Invalid(
                "project_change",
                "data.datasetRevision must be an integer from 0 to 9007199254740991",
                Frames.ProjectOne
            ),
            Frames.Read(Frames.Change($$"""{"project":1,"datasetRevision":{{json}},"revisions":[]}"""))
        );

    [Theory]
    [InlineData("7", "data.revisions[1] must be an object")]
    [InlineData("null", "data.revisions[1] must be an object")]
    [InlineData("[]", "data.revisions[1] must be an object")]
    [InlineData("""{"changes":{}}""", "data.revisions[1].revision" + TokenError)]
    [InlineData("""{"revision":null,"changes":{}}""", "data.revisions[1].revision" + TokenError)]
    [InlineData("""{"revision":{},"changes":{}}""", "data.revisions[1].revision" + TokenError)]
    [InlineData("""{"revision":"l","clientId":[],"changes":{}}""", "data.revisions[1].clientId" + TokenError)]
    [InlineData(
        """{"revision":"l","conflictResolutionFor":true,"changes":{}}""",
        "data.revisions[1].conflictResolutionFor" + TokenError
    )]
    [InlineData("""{"revision":"l"}""", "data.revisions[1].changes must be an object")]
    [InlineData("""{"revision":"l","changes":null}""", "data.revisions[1].changes must be an object")]
    [InlineData("""{"revision":"l","changes":[]}""", "data.revisions[1].changes must be an object")]
    [InlineData("""{"revision":"l","changes":"{}"}""", "data.revisions[1].changes must be an object")]
    public void With_an_unusable_revision_behind_a_good_one(string revision, string error) =>
        Assert.Equal(
            new ClientCommand.Invalid("project_change", error, Frames.ProjectOne),
            Frames.Read(Frames.ChangeOf($$$"""{"revision":"local-1","changes":{}},{{{revision}}},{}"""))
        );

    [Theory]
    [InlineData("revision")]
    [InlineData("clientId")]
    [InlineData("conflictResolutionFor")]
    public void With_a_token_that_is_too_long(string field)
    {
        var token = new string('1', MessageLimits.TokenLengthMax + 1);
        var local = field is "revision" ? string.Empty : "\"revision\":\"local-1\",";
        Assert.Equal(
            new ClientCommand.Invalid("project_change", $"data.revisions[0].{field}{TokenError}", Frames.ProjectOne),
            Frames.Read(Frames.ChangeOf($$"""{{{local}}"changes":{},"{{field}}":{{token}}}"""))
        );
    }

    [Fact]
    public void With_a_session_that_is_too_long()
    {
        var session = new string('s', MessageLimits.TokenLengthMax - 1);
        Assert.Equal(
            new ClientCommand.Invalid(
                "project_change",
                "data.session must be a non-empty string of at most 200 characters",
                Frames.ProjectOne
            ),
            Frames.Read(Frames.Change($$"""{"project":1,"session":"{{session}}","revisions":[]}"""))
        );
    }

    [Fact]
    public void With_too_many_revisions()
    {
        var revisions = Enumerable.Repeat("""{"revision":"l","changes":{}}""", MessageLimits.RevisionsMax + 1);
        Assert.Equal(
            new ClientCommand.Invalid(
                "project_change",
                "data.revisions must not hold more than 1000 revisions",
                Frames.ProjectOne
            ),
            Frames.Read(Frames.ChangeOf(string.Join(',', revisions)))
        );
    }
}
