using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Reads bodies up to a limit, whatever length they declare.</summary>
internal static class EventBody
{
    /// <summary>The body, or the problem with it.</summary>
    public static async Task<(EventProblem? Problem, ReadOnlyMemory<byte> Body)> ReadAsync(
        HttpRequest request,
        int bytesMax,
        CancellationToken cancellationToken
    )
    {
        if (request.ContentLength > bytesMax)
        {
            return (TooLong(bytesMax), default);
        }

        try
        {
            var reader = request.BodyReader;
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                if (result.Buffer.Length > bytesMax)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    return (TooLong(bytesMax), default);
                }

                if (result.IsCompleted)
                {
                    var body = result.Buffer.ToArray();
                    reader.AdvanceTo(result.Buffer.End);
                    return (null, body);
                }

                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        }
        catch (BadHttpRequestException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (new EventProblem(exception.StatusCode, "The body cannot be read."), default);
        }
    }

    private static EventProblem TooLong(int bytesMax) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body has more than {bytesMax} bytes.");
}
