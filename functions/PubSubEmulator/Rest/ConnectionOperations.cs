using ServerlessSync.PubSubEmulator.Connections;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>Checks for the existence of connections, and closes them.</summary>
internal sealed class ConnectionOperations(PubSubService service)
{
    /// <summary><c>HEAD /api/hubs/{hub}/connections/{connection}</c>.</summary>
    public RestAnswer ConnectionExists(RestCall call) =>
        Exists(new Scope.Connection(call.First), "Connection", call.First);

    /// <summary><c>HEAD /api/hubs/{hub}/users/{user}</c>.</summary>
    public RestAnswer UserExists(RestCall call) => Exists(new Scope.User(call.First), "User", call.First);

    /// <summary><c>HEAD /api/hubs/{hub}/groups/{group}</c>.</summary>
    public RestAnswer GroupExists(RestCall call) => Exists(new Scope.Group(call.First), "Group", call.First);

    /// <summary><c>DELETE /api/hubs/{hub}/connections/{connection}</c>.</summary>
    public RestAnswer CloseConnection(RestCall call) => Close(call, new Scope.Connection(call.First));

    /// <summary><c>POST /api/hubs/{hub}/:closeConnections</c>.</summary>
    public RestAnswer CloseHub(RestCall call) => Close(call, new Scope.Hub());

    /// <summary><c>POST /api/hubs/{hub}/groups/{group}/:closeConnections</c>.</summary>
    public RestAnswer CloseGroup(RestCall call) => Close(call, new Scope.Group(call.First));

    /// <summary><c>POST /api/hubs/{hub}/users/{user}/:closeConnections</c>.</summary>
    public RestAnswer CloseUser(RestCall call) => Close(call, new Scope.User(call.First));

    private RestAnswer Exists(Scope scope, string kind, string id) =>
        service.Exists(scope)
            ? RestAnswer.Ok
            : RestAnswer.NotFound(
                $"Warning.{kind}.NotExisted",
                $"{kind} '{id}' does not exist.",
                kind.ToLowerInvariant()
            );

    private RestAnswer Close(RestCall call, Scope scope)
    {
        if (!call.TryReadRecipients(filterText: null, out var recipients, out var problem))
        {
            return problem;
        }

        service.Close(scope, recipients, CloseRequest.ByPublisher(call.Query("reason")));
        return RestAnswer.NoContent;
    }
}
