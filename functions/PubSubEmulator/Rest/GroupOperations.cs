using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ServerlessSync.PubSubEmulator.Connections;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>Changes the membership of groups.</summary>
internal sealed class GroupOperations(PubSubService service)
{
    // Our own limit.
    private const int GroupsPerCallMax = 100;

    /// <summary><c>PUT /api/hubs/{hub}/groups/{group}/connections/{connection}</c>.</summary>
    public RestAnswer AddConnection(RestCall call)
    {
        if (!RestCall.TryGroup(call.First, out var problem))
        {
            return problem;
        }

        var isThere = service.Join(new Scope.Connection(call.Second), RecipientFilter.None, [call.First]) > 0;
        return isThere ? RestAnswer.Ok : Gone("Connection", call.Second);
    }

    /// <summary><c>DELETE /api/hubs/{hub}/groups/{group}/connections/{connection}</c>.</summary>
    public RestAnswer RemoveConnection(RestCall call) => Leave(new Scope.Connection(call.Second), [call.First]);

    /// <summary><c>DELETE /api/hubs/{hub}/connections/{connection}/groups</c>.</summary>
    public RestAnswer RemoveConnectionFromAll(RestCall call) => Leave(new Scope.Connection(call.First), null);

    /// <summary><c>PUT /api/hubs/{hub}/users/{user}/groups/{group}</c>: adds the user's current connections.</summary>
    public RestAnswer AddUser(RestCall call)
    {
        if (!RestCall.TryGroup(call.Second, out var problem))
        {
            return problem;
        }

        var isThere = service.Join(new Scope.User(call.First), RecipientFilter.None, [call.Second]) > 0;
        return isThere ? RestAnswer.Ok : Gone("User", call.First);
    }

    /// <summary><c>DELETE /api/hubs/{hub}/users/{user}/groups/{group}</c>.</summary>
    public RestAnswer RemoveUser(RestCall call) => Leave(new Scope.User(call.First), [call.Second]);

    /// <summary><c>DELETE /api/hubs/{hub}/users/{user}/groups</c>.</summary>
    public RestAnswer RemoveUserFromAll(RestCall call) => Leave(new Scope.User(call.First), null);

    /// <summary><c>POST /api/hubs/{hub}/:addToGroups</c>.</summary>
    public ValueTask<RestAnswer> AddMatchingAsync(RestCall call) =>
        WithMatchingAsync(call, (recipients, groups) => service.Join(new Scope.Hub(), recipients, groups));

    /// <summary><c>POST /api/hubs/{hub}/:removeFromGroups</c>.</summary>
    public ValueTask<RestAnswer> RemoveMatchingAsync(RestCall call) =>
        WithMatchingAsync(call, (recipients, groups) => service.Leave(new Scope.Hub(), recipients, groups));

    private static RestAnswer Gone(string kind, string id) =>
        RestAnswer.NotFound($"Error.{kind}.NotExisted", $"{kind} '{id}' does not exist.", kind.ToLowerInvariant());

    private RestAnswer Leave(Scope scope, string[]? groups)
    {
        service.Leave(scope, RecipientFilter.None, groups);
        return RestAnswer.NoContent;
    }

    private static async ValueTask<RestAnswer> WithMatchingAsync(
        RestCall call,
        Action<RecipientFilter, IReadOnlyCollection<string>> change
    )
    {
        var (bytes, unreadable) = await RestBody.ReadAsync(call);
        if (bytes is null)
        {
            return unreadable!;
        }

        if (
            !TryGroups(bytes, out var groups, out var filter, out var problem)
            || !call.TryReadRecipients(filter, out var recipients, out problem)
        )
        {
            return problem;
        }

        change(recipients, groups);
        return RestAnswer.Ok;
    }

    private static bool TryGroups(
        byte[] bytes,
        [NotNullWhen(true)] out string[]? groups,
        out string? filter,
        [NotNullWhen(false)] out RestAnswer? problem
    )
    {
        groups = null;
        filter = null;
        problem = null;
        GroupsBody? body;
        try
        {
            body = JsonSerializer.Deserialize(bytes, RestJson.Default.GroupsBody);
        }
        catch (JsonException)
        {
            body = null;
        }

        if (body?.Groups is not { Count: > 0 and <= GroupsPerCallMax } names || names.Any(name => name is null))
        {
            problem = RestAnswer.BadRequest($"The request body needs 1 to {GroupsPerCallMax} groups.", "groups");
            return false;
        }

        if (names.FirstOrDefault(name => !PubSubNames.IsGroup(name!)) is { } invalid)
        {
            return RestCall.TryGroup(invalid, out problem);
        }

        groups = [.. names.OfType<string>()];
        filter = body.Filter;
        return true;
    }
}
