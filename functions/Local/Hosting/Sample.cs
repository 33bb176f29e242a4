using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Local.Hosting;

/// <summary>A sample project, created on start when it is missing.</summary>
internal sealed record Sample(ProjectId Project, string Name)
{
    private static readonly string[] Files = ["office-move.json", "website-launch.json"];

    /// <summary>Creates the missing samples, numbered from 1: the page of Bryntum's demo opens project 1.</summary>
    public static async Task<IReadOnlyList<Sample>> SeedAsync(
        ProjectCatalog catalog,
        AccessList access,
        CancellationToken cancellationToken
    )
    {
        var samples = new List<Sample>();
        foreach (var file in Files)
        {
            var content = await File.ReadAllBytesAsync(
                Path.Combine(AppContext.BaseDirectory, "Samples", file),
                cancellationToken
            );
            var sample = new Sample(new ProjectId(JsonId.Of(samples.Count + 1)), NameOf(content, file));
            var result = await catalog.CreateAsync(sample.Project, sample.Name, content, access, cancellationToken);
            if (result is CreateResult.Refused refused)
            {
                throw new InvalidDataException($"Sample {file}: {refused.Reason}");
            }

            samples.Add(sample);
        }

        return samples;
    }

    private static string NameOf(byte[] content, string file)
    {
        using var document = JsonDocument.Parse(content);
        return document.RootElement.TryGetProperty("project", out var project)
            && project.TryGetProperty("name", out var name)
            && name.GetString() is { Length: > 0 } text
            ? text
            : CultureInfo.InvariantCulture.TextInfo.ToTitleCase(Path.GetFileNameWithoutExtension(file).Replace('-', ' '));
    }
}
