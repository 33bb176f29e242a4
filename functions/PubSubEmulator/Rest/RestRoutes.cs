namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>The operations of the data plane and their routes (REST specification 2024-12-01).</summary>
internal static class RestRoutes
{
    /// <summary>Maps all operations.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var pipeline = services.GetRequiredService<RestPipeline>();
        var send = ActivatorUtilities.CreateInstance<SendOperations>(services);
        var groups = ActivatorUtilities.CreateInstance<GroupOperations>(services);
        var connections = ActivatorUtilities.CreateInstance<ConnectionOperations>(services);
        var list = ActivatorUtilities.CreateInstance<ListOperation>(services);
        var permissions = ActivatorUtilities.CreateInstance<PermissionOperations>(services);
        var token = ActivatorUtilities.CreateInstance<TokenOperation>(services);

        OnBody("/:send", send.ToHubAsync);
        OnBody("/groups/{group}/:send", send.ToGroupAsync);
        OnBody("/users/{user}/:send", send.ToUserAsync);
        OnBody("/connections/{connection}/:send", send.ToConnectionAsync);

        On(HttpMethods.Put, "/groups/{group}/connections/{connection}", groups.AddConnection);
        On(HttpMethods.Delete, "/groups/{group}/connections/{connection}", groups.RemoveConnection);
        On(HttpMethods.Delete, "/connections/{connection}/groups", groups.RemoveConnectionFromAll);
        On(HttpMethods.Put, "/users/{user}/groups/{group}", groups.AddUser);
        On(HttpMethods.Delete, "/users/{user}/groups/{group}", groups.RemoveUser);
        On(HttpMethods.Delete, "/users/{user}/groups", groups.RemoveUserFromAll);
        OnBody("/:addToGroups", groups.AddMatchingAsync);
        OnBody("/:removeFromGroups", groups.RemoveMatchingAsync);
        On(HttpMethods.Get, "/groups/{group}/connections", list.List);

        On(HttpMethods.Head, "/connections/{connection}", connections.ConnectionExists);
        On(HttpMethods.Head, "/users/{user}", connections.UserExists);
        On(HttpMethods.Head, "/groups/{group}", connections.GroupExists);
        On(HttpMethods.Delete, "/connections/{connection}", connections.CloseConnection);
        On(HttpMethods.Post, "/:closeConnections", connections.CloseHub);
        On(HttpMethods.Post, "/groups/{group}/:closeConnections", connections.CloseGroup);
        On(HttpMethods.Post, "/users/{user}/:closeConnections", connections.CloseUser);

        On(HttpMethods.Put, "/permissions/{permission}/connections/{connection}", permissions.Grant);
        On(HttpMethods.Delete, "/permissions/{permission}/connections/{connection}", permissions.Revoke);
        On(HttpMethods.Head, "/permissions/{permission}/connections/{connection}", permissions.Check);

        On(HttpMethods.Post, "/:generateToken", token.Generate);
        endpoints.MapMethods("/api/health", [HttpMethods.Head, HttpMethods.Get], _ => Task.CompletedTask);

        // Operations with a body are all POST.
        void OnBody(string path, Func<RestCall, ValueTask<RestAnswer>> operation) =>
            endpoints.MapMethods("/api/hubs/{hub}" + path, [HttpMethods.Post], pipeline.Around(operation));
        void On(string method, string path, Func<RestCall, RestAnswer> operation) =>
            endpoints.MapMethods(
                "/api/hubs/{hub}" + path,
                [method],
                pipeline.Around(call => ValueTask.FromResult(operation(call)))
            );
    }
}
