using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Api.Http;

/// <summary>
/// Archives of a project, and uploads to restore one from. <see cref="ProjectsEndpoint"/> documents the requests.
/// </summary>
internal sealed class ProjectArchives(ArchiveAdministration archives, LoadingGate loading)
{
    /// <summary>Seconds after which a request that collided with another one is worth retrying.</summary>
    private const string RetryAfter = "5";

    private static ArchiveResult TooManyParts => new ArchiveResult.Unavailable("Too many files are being transferred; try again.");

    public async Task<IResult> ServeArchivesAsync(ApiRequest request, ProjectId project, string[] path) =>
        path switch
        {
            [] => request.Is(HttpMethods.Post)
                ? Show(request, await archives.BeginAsync(request.User, project, request.Aborted), StatusCodes.Status201Created)
                : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Post),
            [var name] => await ServeArchiveAsync(request, project, name),
            [var name, "parts", var number] => request.Is(HttpMethods.Get)
                ? await ServePartAsync(request, project, name, number)
                : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Get),
            _ => ProblemResults.NothingHere(),
        };

    private async Task<IResult> ServeArchiveAsync(ApiRequest request, ProjectId project, string name)
    {
        if (request.Is(HttpMethods.Get))
        {
            return Show(request, await archives.DescribeAsync(request.User, project, name, request.Aborted), StatusCodes.Status200OK);
        }

        if (request.Is(HttpMethods.Post))
        {
            return Show(request, await archives.ContinueAsync(request.User, project, name, request.Aborted), StatusCodes.Status200OK);
        }

        return request.Is(HttpMethods.Delete)
            ? Show(request, await archives.RemoveAsync(request.User, project, name, request.Aborted), StatusCodes.Status204NoContent)
            : ProblemResults.MethodNotAllowed(request.Context, "GET, POST, DELETE");
    }

    private async Task<IResult> ServePartAsync(ApiRequest request, ProjectId project, string name, string text)
    {
        if (ReadPart(text) is not { } number)
        {
            return BadPart();
        }

        var held = loading.Budget.TryOpenBody(ArchiveLimits.PartBytesMax);
        if (held is null)
        {
            return Show(request, TooManyParts, StatusCodes.Status200OK);
        }

        // Released when the response has been sent.
        request.Context.Response.RegisterForDispose(held);
        var result = await archives.ReadPartAsync(request.User, project, name, number, request.Aborted);
        return result is ArchiveResult.Part part
            ? Results.Bytes(part.Bytes, ProjectsEndpoint.ArchiveMediaType)
            : Show(request, result, StatusCodes.Status200OK);
    }

    public async Task<IResult> ServeUploadsAsync(ApiRequest request, ProjectId project, string[] path)
    {
        switch (path)
        {
            case []:
                return request.Is(HttpMethods.Post)
                    ? Show(request, await archives.BeginUploadAsync(request.User, project, request.Aborted), StatusCodes.Status201Created)
                    : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Post);
            case [var name]:
                return request.Is(HttpMethods.Delete)
                    ? Show(request, await archives.RemoveUploadAsync(request.User, project, name, request.Aborted), StatusCodes.Status204NoContent)
                    : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Delete);
            case [var name, "parts", var number]:
                return request.Is(HttpMethods.Put)
                    ? await TakePartAsync(request, project, name, number)
                    : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Put);
            case [var name, "restore"]:
                return request.Is(HttpMethods.Post)
                    ? await RestoreAsync(request, project, name)
                    : ProblemResults.MethodNotAllowed(request.Context, HttpMethods.Post);
            default:
                return ProblemResults.NothingHere();
        }
    }

    private async Task<IResult> TakePartAsync(ApiRequest request, ProjectId project, string name, string text)
    {
        if (ReadPart(text) is not { } number)
        {
            return BadPart();
        }

        // Rights before work: a caller without them must not cost the memory of a part.
        if (await archives.RefuseUploadAsync(request.User, project, name, request.Aborted) is { } refused)
        {
            return Show(request, refused, StatusCodes.Status200OK);
        }

        using var held = loading.Budget.TryOpenBody(ArchiveLimits.PartBytesMax);
        if (held is null)
        {
            return Show(request, TooManyParts, StatusCodes.Status200OK);
        }

        if (await ProblemResults.ReadAsync(request.Context.Request, ArchiveLimits.PartBytesMax, request.Aborted) is not { } bytes)
        {
            return ProblemResults.TooLarge(ArchiveLimits.PartBytesMax);
        }

        var result = await archives.WritePartAsync(request.User, project, name, number, bytes, request.Aborted);
        return Show(request, result, StatusCodes.Status204NoContent);
    }

    private async Task<IResult> RestoreAsync(ApiRequest request, ProjectId project, string name)
    {
        if (await ProblemResults.ReadAsync(request.Context.Request, ApiLimits.SmallBytesMax, request.Aborted) is not { } body)
        {
            return ProblemResults.TooLarge(ApiLimits.SmallBytesMax);
        }

        if (!TryReadRestore(body, out var restore, out var reason))
        {
            return ProblemResults.Bad(reason);
        }

        var result = await archives.RestoreAsync(request.User, project, name, restore, request.Aborted);
        return result is ArchiveResult.Restored restored
            ? Results.Json(new { revision = restored.Revision })
            : Show(request, result, StatusCodes.Status202Accepted);
    }

    /// <summary>
    /// Answers with the state of an archive: <paramref name="status"/> when it is complete, 202 when the caller has to
    /// continue.
    /// </summary>
    private static IResult Show(ApiRequest request, ArchiveResult result, int status)
    {
        switch (result)
        {
            case ArchiveResult.Described described:
                return Results.Json(
                    Show(described.Status),
                    statusCode: described.Status is { IsComplete: false, Parts: > 0 } ? StatusCodes.Status202Accepted : status
                );
            case ArchiveResult.Done:
                return Results.StatusCode(status);
            case ArchiveResult.NotFound:
                return ProblemResults.Problem(StatusCodes.Status404NotFound, "There is no such project, archive or part, or you may not see it.");
            case ArchiveResult.NotAllowed notAllowed:
                return ProblemResults.Problem(StatusCodes.Status403Forbidden, notAllowed.Reason);
            case ArchiveResult.Conflict conflict:
                return ProblemResults.Problem(StatusCodes.Status409Conflict, conflict.Reason);
            case ArchiveResult.Refused refused:
                return ProblemResults.Bad(refused.Reason);
            case ArchiveResult.Unavailable unavailable:
                request.Context.Response.Headers.RetryAfter = RetryAfter;
                return ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, unavailable.Reason);
            default:
                throw new InvalidOperationException("This request cannot have this result.");
        }
    }

    private static object Show(ArchiveStatus status) =>
        new
        {
            archive = status.Name,
            revision = status.Revision,
            parts = status.Parts,
            complete = status.IsComplete,
            digest = status.Digest,
            expires = status.Expires,
        };

    private static int? ReadPart(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is > 0 and <= ArchiveLimits.PartsMax
            ? number
            : null;

    private static IResult BadPart() =>
        ProblemResults.Bad($"part: must be a whole number from 1 to {ArchiveLimits.PartsMax}");

    private static bool TryReadRestore(ReadOnlyMemory<byte> body, out RestoreRequest restore, out string reason)
    {
        restore = new RestoreRequest(Name: null, WithAccess: false, Replace: false, Digest: null);
        reason = "body: must be a JSON object or empty";
        if (body.IsEmpty)
        {
            return true;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            foreach (var field in document.RootElement.EnumerateObject())
            {
                var value = field.Value;
                RestoreRequest? read = (field.Name, value.ValueKind) switch
                {
                    ("replace", JsonValueKind.True or JsonValueKind.False) => restore with { Replace = value.GetBoolean() },
                    ("access", JsonValueKind.True or JsonValueKind.False) => restore with { WithAccess = value.GetBoolean() },
                    ("name", JsonValueKind.String) => restore with { Name = value.GetString() },
                    ("digest", JsonValueKind.String) => restore with { Digest = value.GetString() },
                    ("name" or "digest", JsonValueKind.Null) => restore,
                    _ => null,
                };
                if (read is null)
                {
                    reason = "body: 'replace' and 'access' must be true or false, 'name' and 'digest' strings; no other fields are allowed";
                    return false;
                }

                restore = read;
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair in a name.
            return false;
        }
    }
}
