namespace ServerlessSync.Api.Http;

/// <summary>The paths of the HTTP API for people, below the prefix that a Functions host adds.</summary>
public static class ApiRoutes
{
    /// <summary>The prefix that a Functions host puts before every route (<c>host.json</c>).</summary>
    public const string Prefix = "/api/";

    /// <summary>Gives a signed-in user the address of a socket.</summary>
    public const string Negotiate = "negotiate";

    /// <summary>Reports whether an instance can work.</summary>
    public const string Health = "health";

    /// <summary>Everything that concerns whole projects; <see cref="ProjectsEndpoint"/> reads the rest of the path.</summary>
    public const string Projects = "projects/{*path}";

    /// <summary>The path at which <see cref="Projects"/> begins, prefix included.</summary>
    public const string ProjectsPath = Prefix + "projects";
}
