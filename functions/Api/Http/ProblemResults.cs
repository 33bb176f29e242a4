using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ServerlessSync.Core.Limits;

namespace ServerlessSync.Api.Http;

/// <summary>Answers as problem details (RFC 9457), and reads request bodies up to a limit.</summary>
internal static class ProblemResults
{
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    public static IResult NotFound() => Problem(StatusCodes.Status404NotFound, "There is no such project, or you may not see it.");

    public static IResult NothingHere() => Problem(StatusCodes.Status404NotFound, "There is nothing at this address.");

    public static IResult Bad(string detail) => Problem(StatusCodes.Status400BadRequest, detail);

    public static IResult MethodNotAllowed(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return Problem(StatusCodes.Status405MethodNotAllowed, $"This address takes {allowed}.");
    }

    public static IResult TooLarge(int limit) =>
        Problem(StatusCodes.Status413PayloadTooLarge, $"body: at most {limit} bytes");

    /// <summary>A rate was exceeded: 429, with <c>Retry-After</c> where waiting helps.</summary>
    public static IResult TooMany(HttpContext context, LimitVerdict.Refused refused)
    {
        if (refused.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return Problem(StatusCodes.Status429TooManyRequests, refused.Reason);
    }

    /// <summary>
    /// The body; null when it has more than <paramref name="limit"/> bytes, whether or not the request declares its length.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The body ends early or is malformed; the status says which.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        // The host's limit is sized for events; this method counts the body itself.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit + 1L;
        }

        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        var chunk = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
            {
                if (body.Length + read > limit)
                {
                    return null;
                }

                await body.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            }
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // The host counts bytes that arrived, not bytes that were read, so it may notice the limit first.
            return null;
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
