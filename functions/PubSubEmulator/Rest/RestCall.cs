using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ServerlessSync.PubSubEmulator.Connections;
using ServerlessSync.PubSubEmulator.Filters;
using ServerlessSync.PubSubEmulator.Tokens;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>
/// The parameters of one REST request. The names are at the same positions in every path
/// <c>/api/hubs/{hub}/{kind}/{first}/{kind}/{second}</c>.
/// </summary>
internal sealed class RestCall(HttpContext context)
{
    /// <summary>The position of the hub among the segments of the path.</summary>
    public const int HubSegment = 2;

    private const int FirstSegment = 4;
    private const int SecondSegment = 6;

    /// <summary>The name after the first kind.</summary>
    public string First { get; } = RawUrl.Segment(context.Request, FirstSegment);

    /// <summary>The name after the second kind; empty when the path has none.</summary>
    public string Second { get; } = RawUrl.Segment(context.Request, SecondSegment);

    /// <summary>The request.</summary>
    public HttpRequest Request => context.Request;

    /// <summary>Cancelled when the caller disconnects.</summary>
    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>A query parameter; null when absent or empty.</summary>
    public string? Query(string name) => Request.Query[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    /// <summary>A query parameter that is a whole number within bounds.</summary>
    public bool TryNumber(
        string name,
        int whenAbsent,
        int min,
        int max,
        out int number,
        [NotNullWhen(false)] out RestAnswer? problem
    )
    {
        problem = null;
        number = whenAbsent;
        var text = Query(name);
        if (
            text is null
            || (
                int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
                && number >= min
                && number <= max
            )
        )
        {
            return true;
        }

        problem = RestAnswer.BadRequest($"{name} is '{text}': needs a whole number from {min} to {max}.", name);
        return false;
    }

    /// <summary>The parameters <c>excluded</c> (repeated) and <c>filter</c>.</summary>
    public bool TryReadRecipients(
        [NotNullWhen(true)] out RecipientFilter? recipients,
        [NotNullWhen(false)] out RestAnswer? problem
    ) => TryReadRecipients(Query("filter"), out recipients, out problem);

    /// <summary>The parameter <c>excluded</c> and a filter from the body.</summary>
    public bool TryReadRecipients(
        string? filterText,
        [NotNullWhen(true)] out RecipientFilter? recipients,
        [NotNullWhen(false)] out RestAnswer? problem
    )
    {
        recipients = null;
        problem = null;
        Filter? filter = null;
        if (!string.IsNullOrEmpty(filterText) && !Filter.TryParse(filterText, out filter, out var error))
        {
            problem = RestAnswer.BadRequest(error, "filter");
            return false;
        }

        var excluded = Request.Query["excluded"];
        recipients =
            excluded.Count == 0 && filter is null
                ? RecipientFilter.None
                : new RecipientFilter(excluded.OfType<string>().ToFrozenSet(StringComparer.Ordinal), filter);
        return true;
    }

    /// <summary>Whether <paramref name="name"/> is a group name.</summary>
    public static bool TryGroup(string name, [NotNullWhen(false)] out RestAnswer? problem)
    {
        problem = PubSubNames.IsGroup(name)
            ? null
            : RestAnswer.BadRequest(
                $"Invalid group name: needs 1 to {PubSubLimits.GroupCharsMax} characters, not only white space.",
                "group"
            );
        return problem is null;
    }
}
