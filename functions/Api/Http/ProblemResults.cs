using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ServerlessSync.Core.Limits;

namespace ServerlessSync.Api.Http;

/// <summary>Answers in the form of RFC 9457 (problem details), and bodies with a limit.</summary>
internal static class ProblemResults
{
    public static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    public static IResult NotFound() => Problem(StatusCodes.Status404NotFound, "There is no such project, or you may not see it.");

    public static IResult MethodNotAllowed(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return Problem(StatusCodes.Status405MethodNotAllowed, $"This address takes {allowed}.");
    }

    public static IResult TooLarge(int limit) =>
        Problem(StatusCodes.Status413PayloadTooLarge, $"body: at most {limit} bytes");

    /// <summary>Beyond a rate: 429, with <c>Retry-After</c> where waiting helps.</summary>
    public static IResult TooMany(HttpContext context, LimitVerdict.Refused refused)
    {
        if (refused.RetryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return Problem(StatusCodes.Status429TooManyRequests, refused.Reason);
    }

    /// <summary>The body; null when it has more than <paramref name="limit"/> bytes, whether it states its length or comes in chunks.</summary>
    /// <exception cref="BadHttpRequestException">It breaks off, or is no body at all; the status says which.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        // The host's own limit is that of an event; a body is counted here instead.
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
            // The host counts what has arrived and not what was read, so of a body in chunks it may notice first.
            return null;
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
