using System.Diagnostics.CodeAnalysis;
using ServerlessSync.PubSubEmulator.Connections;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary><c>/api/hubs/{hub}/permissions/{permission}/connections/{connection}?targetName=</c>.</summary>
internal sealed class PermissionOperations(PubSubService service)
{
    /// <summary><c>PUT</c>: grants a permission.</summary>
    public RestAnswer Grant(RestCall call) =>
        With(
            call,
            (permissions, permission, group) =>
            {
                permissions.Grant(permission, group);
                return RestAnswer.Ok;
            },
            Gone(call)
        );

    /// <summary><c>DELETE</c>: revokes a permission.</summary>
    public RestAnswer Revoke(RestCall call) =>
        With(
            call,
            (permissions, permission, group) =>
            {
                permissions.Revoke(permission, group);
                return RestAnswer.NoContent;
            },
            RestAnswer.NoContent
        );

    /// <summary><c>HEAD</c>: 200 when the permission is granted, else 404.</summary>
    public RestAnswer Check(RestCall call) =>
        With(
            call,
            (permissions, permission, group) =>
                permissions.Holds(permission, group)
                    ? RestAnswer.Ok
                    : RestAnswer.NotFound(
                        "Warning.Permission.NotExisted",
                        "The connection does not hold it.",
                        "permission"
                    ),
            Gone(call)
        );

    private RestAnswer With(RestCall call, Func<PermissionSet, string, string?, RestAnswer> use, RestAnswer whenGone)
    {
        var group = call.Query("targetName");
        if (!TryPermission(call.First, out var permission, out var problem))
        {
            return problem;
        }

        if (group is not null && !RestCall.TryGroup(group, out problem))
        {
            return problem;
        }

        return service.WithPermissions(call.Second, whenGone, permissions => use(permissions, permission, group));
    }

    private static bool TryPermission(
        string name,
        [NotNullWhen(true)] out string? permission,
        [NotNullWhen(false)] out RestAnswer? problem
    )
    {
        string[] known = ["sendToGroup", "joinLeaveGroup"];
        permission = known.FirstOrDefault(candidate =>
            string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase)
        );
        problem = permission is null
            ? RestAnswer.BadRequest($"There is no permission '{name}': use {string.Join(" or ", known)}.", "permission")
            : null;
        return permission is not null;
    }

    private static RestAnswer Gone(RestCall call) =>
        RestAnswer.NotFound("Error.Connection.NotExisted", $"Connection '{call.Second}' does not exist.", "connection");
}
