using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using ServerlessSync.PubSubEmulator.Connections;
using ServerlessSync.PubSubEmulator.Tokens;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>
/// <c>GET /api/hubs/{hub}/groups/{group}/connections</c>: pages ordered by connection id, so that a page continues after
/// the last id of the previous one whatever has joined or left meanwhile.
/// </summary>
internal sealed class ListOperation(PubSubService service)
{
    /// <summary>Returns one page.</summary>
    public RestAnswer List(RestCall call)
    {
        if (
            !RestCall.TryGroup(call.First, out var problem)
            || !call.TryNumber(
                "maxpagesize",
                PubSubLimits.PageSizeMax,
                1,
                PubSubLimits.PageSizeMax,
                out var size,
                out problem
            )
            || !call.TryNumber("top", int.MaxValue, 1, int.MaxValue, out var top, out problem)
        )
        {
            return problem;
        }

        var token = call.Query("continuationToken");
        if (!TryDecode(token, out var after))
        {
            return RestAnswer.BadRequest(
                $"continuationToken is '{token}': needs one that this operation returned.",
                "continuationToken"
            );
        }

        var rest = service
            .List(new Scope.Group(call.First))
            .Where(connection => string.CompareOrdinal(connection.Id, after) > 0)
            .ToList();
        var page = rest.Take(Math.Min(size, top))
            .Select(connection => new MemberBody(connection.Id, connection.UserId))
            .ToArray();
        var isLast = page.Length == rest.Count || page.Length == top;
        var next = isLast ? null : NextLink(call.Request, page[^1].ConnectionId, size, top - page.Length);
        return new RestAnswer(
            StatusCodes.Status200OK,
            JsonSerializer.SerializeToUtf8Bytes(new MembersBody(page, next), RestJson.Default.MembersBody)
        );
    }

    private static bool TryDecode(string? token, out string after)
    {
        after = string.Empty;
        if (token is null)
        {
            return true;
        }

        try
        {
            after = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(token));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string NextLink(HttpRequest request, string last, int size, int top)
    {
        var query = new StringBuilder("?maxpagesize=").Append(size.ToString(CultureInfo.InvariantCulture));
        if (request.Query.ContainsKey("top"))
        {
            query.Append("&top=").Append(top.ToString(CultureInfo.InvariantCulture));
        }

        query.Append("&continuationToken=").Append(Base64UrlEncoder.Encode(last));
        query.Append("&api-version=").Append(Uri.EscapeDataString(request.Query["api-version"].ToString()));
        return $"{request.Scheme}://{request.Host}{RawUrl.Target(request).Split('?', 2)[0]}{query}";
    }
}
