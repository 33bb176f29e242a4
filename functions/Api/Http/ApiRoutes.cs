namespace ServerlessSync.Api.Http;

/// <summary>The paths of the HTTP API for people, below the prefix that a Functions host adds.</summary>
public static class ApiRoutes
{
    /// <summary>What a Functions host puts before every route (<c>host.json</c>).</summary>
    public const string Prefix = "/api/";

    /// <summary>Gives a signed-in person the address of a socket.</summary>
    public const string Negotiate = "negotiate";

    /// <summary>Says whether an instance can work.</summary>
    public const string Health = "health";

    /// <summary>All that concerns whole projects; <see cref="ProjectsEndpoint"/> reads the rest of the path.</summary>
    public const string Projects = "projects/{*path}";

    /// <summary>Where <see cref="Projects"/> begins, with the prefix.</summary>
    public const string ProjectsPath = Prefix + "projects";
}
