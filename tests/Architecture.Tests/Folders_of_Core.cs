using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Architecture.Tests;

/// <summary>The first folders below <c>functions/Core</c>, by what their compiled types use. Folders inside a folder may use each other.</summary>
public sealed class Folders_of_Core
{
    private const string Root = "ServerlessSync.Core.";

    private static readonly ILookup<string, string> Uses = new ArchLoader()
        .LoadAssembly(typeof(IEventHandler).Assembly)
        .Build()
        .Types.SelectMany(static type => type.Dependencies.Select(use => (From: FolderOf(type), To: FolderOf(use.Target))))
        .Where(static use => use is { From: not null, To: not null } && use.From != use.To)
        .Distinct()
        .ToLookup(static use => use.From!, static use => use.To!, StringComparer.Ordinal);

    [Fact]
    public void No_folder_depends_on_itself_by_way_of_another()
    {
        Assert.Contains("Log", Uses["Engine"]);
        Assert.DoesNotContain(Uses, static folder => Reachable(folder.Key).Contains(folder.Key));
    }

    private static HashSet<string> Reachable(string folder)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(Uses[folder]);
        while (open.TryDequeue(out var next))
        {
            if (reached.Add(next))
            {
                foreach (var use in Uses[next])
                {
                    open.Enqueue(use);
                }
            }
        }

        return reached;
    }

    private static string? FolderOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Root, StringComparison.Ordinal)
            ? name[Root.Length..].Split('.')[0]
            : null;
}
