using System.Text.Json;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>The response of a REST operation.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">UTF-8 JSON; empty for none.</param>
/// <param name="ErrorCode">The header <c>x-ms-error-code</c>; null for none.</param>
internal sealed record RestAnswer(int Status, ReadOnlyMemory<byte> Body = default, string? ErrorCode = null)
{
    /// <summary>The operation succeeded.</summary>
    public static readonly RestAnswer Ok = new(StatusCodes.Status200OK);

    /// <summary>Accepted for delivery, whether or not there are receivers.</summary>
    public static readonly RestAnswer Accepted = new(StatusCodes.Status202Accepted);

    /// <summary>The operation succeeded, or there was nothing to do.</summary>
    public static readonly RestAnswer NoContent = new(StatusCodes.Status204NoContent);

    /// <summary>The token is missing, not signed by the access key, for another URL, or not valid now.</summary>
    public static readonly RestAnswer Unauthorized = new(StatusCodes.Status401Unauthorized);

    /// <summary>The request violates a rule, which the message names.</summary>
    public static RestAnswer BadRequest(string message, string target) =>
        Error(StatusCodes.Status400BadRequest, "Error.BadRequest", message, target);

    /// <summary>The object of the request does not exist.</summary>
    public static RestAnswer NotFound(string code, string message, string target) =>
        Error(StatusCodes.Status404NotFound, code, message, target);

    /// <summary>
    /// An error in the flat form of the running service, which differs from the nested form of its specification.
    /// </summary>
    public static RestAnswer Error(int status, string code, string message, string target)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ErrorBody(code, message, target),
            RestJson.Default.ErrorBody
        );
        return new RestAnswer(status, body, code);
    }
}
