using System.Text.RegularExpressions;

namespace ServerlessSync.Architecture.Tests;

/// <summary>Markdown reads well in an editor, and its references lead somewhere.</summary>
public sealed partial class Documentation
{
    /// <summary>As CONTRIBUTING.md says.</summary>
    private const int WidthMax = 120;

    [Fact]
    public void Prose_wraps() =>
        Assert.Empty(
            from file in MarkdownFile.All
            from line in file.Prose
            where line.Text.Length > WidthMax
            select $"{file.Path}:{line.Number} has {line.Text.Length} characters"
        );

    [Fact]
    public void Relative_links_lead_to_files_and_headings()
    {
        var links = MarkdownFile.All.SelectMany(static file => file.RelativeLinks().Select(link => (File: file, Link: link))).ToList();

        Assert.NotEmpty(links);
        Assert.Empty(
            from found in links
            where !LeadsSomewhere(found.File.Path, found.Link.Target)
            select $"{found.File.Path}:{found.Link.Number} links to {found.Link.Target}"
        );
    }

    [Fact]
    public void Documents_that_sources_cite_exist()
    {
        string[] folders = ["functions", "tests"];
        var citations =
            from folder in folders
            from path in Repository.Files(folder, "*.cs")
            from Match citation in Citation().Matches(Repository.ReadText(path))
            select (Path: path, Target: citation.Value);

        Assert.NotEmpty(citations);
        Assert.DoesNotContain(citations, static citation => !LeadsSomewhere(string.Empty, citation.Target));
    }

    private static bool LeadsSomewhere(string from, string target)
    {
        var parts = target.Split('#', 2);
        var folder = Path.GetDirectoryName(from) ?? string.Empty;
        var path = parts[0].Length == 0 ? from : Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, folder, parts[0])));
        return Path.Exists(Path.Combine(Repository.Root, path))
            && (parts.Length == 1 || MarkdownFile.Of(path.Replace('\\', '/')).HasAnchor(parts[1]));
    }

    [GeneratedRegex(@"\bdocs/[\w/-]+\.md(#[\w-]+)?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Citation();
}
