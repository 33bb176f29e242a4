using System.Text;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Simulation.Cluster;

namespace ServerlessSync.Simulation.Checks;

/// <summary>
/// P7: a user who has just lost a right asks every instance for the content of a version, which is served without the lease. No instance may answer from
/// an access list that it read before.
/// </summary>
internal static class Trespass
{
    /// <summary>A version that every project contains from the start.</summary>
    public const string Version = "v1";

    /// <summary>A text that occurs in its content and in no other message.</summary>
    public const string Secret = "for those who may see it";

    public static void Try(World world, string user, ProjectId project)
    {
        foreach (var instance in world.Cluster.Instances.ToList())
        {
            world.Spawn(TryAsync(world, instance, user, project), "a trespass");
        }
    }

    private static async Task TryAsync(World world, Instance instance, string user, ProjectId project)
    {
        var moment = world.Time.Elapsed;
        var context = new EventContext(
            new ConnectionId($"trespasser-{user}"),
            EventId: 1,
            User: null,
            ClientSession.Of(user).ToState(),
            world.Time.GetUtcNow()
        );
        var frame = $$$"""{"command":"load_version_content","data":{"project":{{{project.Id.ToJson()}}},"versionId":"{{{Version}}}"}}""";
        var reply = await instance.Handler.HandleAsync(
            new ClientEvent.Message(context, Encoding.UTF8.GetBytes(frame)),
            CancellationToken.None
        );
        if (reply is not EventReply.Text text || !Encoding.UTF8.GetString(text.Frame.Span).Contains(Secret, StringComparison.Ordinal))
        {
            return;
        }

        if (world.Vault.Ledger.Of(project).Access.CouldSeeSince(user, moment))
        {
            world.Figures.Versions++;
        }
        else
        {
            world.Violate("P7 isolation", $"instance {instance.Number} sent {user} the content of a version of {project}, which it may not see");
        }
    }
}
