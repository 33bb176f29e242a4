using ServerlessSync.PubSubEmulator.Tokens;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>Wraps every REST operation: checks token, version and hub, and writes the response.</summary>
internal sealed class RestPipeline(PubSubOptions options, AccessTokens tokens, TokenAudience audience)
{
    // The value of the header api-supported-versions, as measured.
    private static readonly string[] Versions = ["2021-10-01", "2022-11-01", "2023-07-01", "2024-01-01", "2024-12-01"];

    /// <summary>Creates an endpoint that runs an operation.</summary>
    public RequestDelegate Around(Func<RestCall, ValueTask<RestAnswer>> operation) =>
        async context =>
        {
            var answer = await CheckAsync(context.Request) ?? await operation(new RestCall(context));
            await WriteAsync(context.Response, answer);
        };

    private async ValueTask<RestAnswer?> CheckAsync(HttpRequest request)
    {
        var bearer = ClientCredentials.Bearer(request);
        if (bearer is null || await tokens.CheckAsync(bearer, value => audience.IsRequestUrl(value, request)) is null)
        {
            return RestAnswer.Unauthorized;
        }

        var version = request.Query["api-version"].ToString();
        if (!Versions.Contains(version, StringComparer.Ordinal))
        {
            return RestAnswer.BadRequest(
                $"The api-version '{version}' is not supported: use one of {string.Join(", ", Versions)}.",
                "api-version"
            );
        }

        var hub = RawUrl.Segment(request, RestCall.HubSegment);
        return string.Equals(hub, options.Hub, StringComparison.OrdinalIgnoreCase)
            ? null
            : RestAnswer.NotFound(
                "Error.Hub.NotExisted",
                $"There is no hub '{hub}'; this one is '{options.Hub}'.",
                "hub"
            );
    }

    private static async Task WriteAsync(HttpResponse response, RestAnswer answer)
    {
        response.StatusCode = answer.Status;
        response.Headers["api-supported-versions"] = string.Join(", ", Versions);
        if (answer.ErrorCode is not null)
        {
            response.Headers["x-ms-error-code"] = answer.ErrorCode;
        }

        if (!answer.Body.IsEmpty)
        {
            response.ContentType = "application/json; charset=utf-8";
            response.ContentLength = answer.Body.Length;
            if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            {
                await response.BodyWriter.WriteAsync(answer.Body, response.HttpContext.RequestAborted);
            }
        }
    }
}
