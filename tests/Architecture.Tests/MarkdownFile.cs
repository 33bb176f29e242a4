using System.Text.RegularExpressions;

namespace ServerlessSync.Architecture.Tests;

/// <summary>One Markdown file of the repository: its prose, and the anchors that its headings have on GitHub.</summary>
internal sealed partial class MarkdownFile
{
    private static readonly Dictionary<string, MarkdownFile> Read = new(StringComparer.Ordinal);

    private readonly Lazy<HashSet<string>> anchors;

    private MarkdownFile(string path)
    {
        Path = path;
        Text = [.. WithoutCode(Repository.ReadText(path).Split('\n'))];
        anchors = new Lazy<HashSet<string>>(() => [.. AnchorsOf(Text.Select(static line => line.Text))]);
    }

    public static IReadOnlyList<MarkdownFile> All { get; } = [.. Repository.Files(".", "*.md").Select(Of)];

    /// <summary>Relative to the root, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>The lines outside code blocks, with their numbers in the file.</summary>
    public IReadOnlyList<(int Number, string Text)> Text { get; }

    /// <summary>The lines outside code blocks and tables. A row of a table cannot wrap.</summary>
    public IEnumerable<(int Number, string Text)> Prose =>
        Text.Where(static line => !line.Text.AsSpan().TrimStart().StartsWith('|'));

    public static MarkdownFile Of(string path)
    {
        lock (Read)
        {
            return Read.TryGetValue(path, out var file) ? file : Read[path] = new MarkdownFile(path);
        }
    }

    /// <summary>The targets of inline links and images, without those that name a host.</summary>
    public IEnumerable<(int Number, string Target)> RelativeLinks() =>
        from line in Text
        from Match link in Link().Matches(line.Text)
        let target = link.Groups["target"].Value
        where !target.Contains(':', StringComparison.Ordinal)
        select (line.Number, target);

    public bool HasAnchor(string anchor) => anchors.Value.Contains(anchor);

    private static IEnumerable<(int Number, string Text)> WithoutCode(string[] lines)
    {
        var isCode = false;
        foreach (var (index, line) in lines.Index())
        {
            if (line.AsSpan().TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (!isCode)
            {
                yield return (index + 1, line.TrimEnd('\r'));
            }
        }
    }

    /// <summary>GitHub's anchors: lower case, hyphens for spaces, no punctuation, and a number for each further heading of the same text.</summary>
    private static IEnumerable<string> AnchorsOf(IEnumerable<string> lines)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in lines.Where(static line => line.StartsWith('#')))
        {
            var heading = line.TrimStart('#').Trim().Where(static letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_');
            var anchor = string.Concat(heading).ToLowerInvariant().Replace(' ', '-');
            var count = seen[anchor] = seen.GetValueOrDefault(anchor) + 1;
            yield return count == 1 ? anchor : $"{anchor}-{count - 1}";
        }
    }

    [GeneratedRegex(@"\]\((?<target>[^()\s]+)\)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
