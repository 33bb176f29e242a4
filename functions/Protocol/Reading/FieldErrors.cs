using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Reading;

/// <summary>The errors for invalid fields. Each names the field, and its limit if it has one.</summary>
internal static class FieldErrors
{
    public static readonly string Login =
        $"data.login must be a non-empty string of at most {MessageLimits.UserNameLengthMax} characters "
        + "without control characters or characters that change the text direction";

    public static readonly string Password =
        $"data.password must be a string of at most {MessageLimits.PasswordLengthMax} characters";

    public static readonly string Project = Id("data.project");

    public static readonly string VersionId = Id("data.versionId");

    public static readonly string Client = Token("data.client");

    public static readonly string Session =
        $"data.session must be a non-empty string of at most {MessageLimits.TokenLengthMax} characters";

    public static readonly string DatasetRevision =
        $"data.datasetRevision must be an integer from 0 to {MessageLimits.RevisionNumberMax}";

    public const string Revisions = "data.revisions must be a non-empty array";

    public static readonly string RevisionsMax =
        $"data.revisions must not hold more than {MessageLimits.RevisionsMax} revisions";

    public static string Revision(int index) => $"data.revisions[{index}] must be an object";

    public static string Changes(int index) => $"data.revisions[{index}].changes must be an object";

    public static string RevisionToken(int index, string field) => Token($"data.revisions[{index}].{field}");

    private static string Id(string field) =>
        $"{field} must be a number, or a non-empty string of at most {JsonId.LengthMax} characters "
        + "without control characters";

    private static string Token(string field) =>
        $"{field} must be a string or a number of at most {MessageLimits.TokenLengthMax} characters";
}
