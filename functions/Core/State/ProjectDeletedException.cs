using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.State;

/// <summary>The project was deleted while it was worked on: what is loaded of it is of no use any more, and no user has a right.</summary>
public sealed class ProjectDeletedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public ProjectDeletedException(ProjectId project)
        : base($"Project {project} was deleted.") { }
}
