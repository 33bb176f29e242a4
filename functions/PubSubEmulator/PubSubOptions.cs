using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace ServerlessSync.PubSubEmulator;

/// <summary>
/// The options of the Azure Web PubSub emulator. <see cref="Problems"/> checks them once, before anything listens.
/// </summary>
public sealed partial class PubSubOptions
{
    /// <summary>The default hub.</summary>
    public const string HubDefault = "sync";

    /// <summary>The single hub. Names are case-insensitive and transmitted in lower case.</summary>
    /// <value>Default <see cref="HubDefault"/>; a letter and at most 127 letters, digits or <c>_`,.[]</c> (the service's REST specification).</value>
    public string Hub { get; init; } = HubDefault;

    /// <summary>
    /// Signs client tokens, REST tokens and events: the HS256 key is the UTF-8 encoding of this text, whatever its format.
    /// </summary>
    /// <value>Required, 1 to 1,024 characters.</value>
    public required string AccessKey { get; init; }

    /// <summary>The most upstreams in <see cref="UpstreamTemplates"/>: more than a developer's machine runs.</summary>
    public const int UpstreamsMax = 16;

    /// <summary>
    /// The targets of events, with <c>{hub}</c> and <c>{event}</c> replaced, as in the service's hub settings. Events
    /// alternate between several, as between instances behind a load balancer. When empty, events go to the registered <see
    /// cref="Upstream.IUpstream"/>, or are discarded.
    /// </summary>
    /// <value>Default empty; at most <see cref="UpstreamsMax"/> http or https URLs without braces in their hosts.</value>
    public IReadOnlyList<string> UpstreamTemplates { get; init; } = [];

    /// <summary>
    /// Whether a client may connect without a token (<c>anonymousConnectPolicy</c>); the response to connect must then name
    /// a user id.
    /// </summary>
    /// <value>Default false.</value>
    public bool AllowAnonymous { get; init; }

    /// <summary>
    /// The address that clients and publishers sign into their tokens, and whose host upstreams see in
    /// <c>WebHook-Request-Origin</c>. The <c>Host</c> of a request is accepted too, so that one process can be reached by
    /// several names.
    /// </summary>
    /// <value>Default null: only the <c>Host</c> of each request, and <c>localhost</c> for upstreams.</value>
    public Uri? Endpoint { get; init; }

    /// <summary>The time between WebSocket keep-alive frames.</summary>
    /// <value>Default 20 s; 1 s to 1 h.</value>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Creates the ids of connections and events.</summary>
    /// <value>Default: 20 random letters and digits, which are 103 random bits.</value>
    public Func<string> NewId { get; init; } = static () => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 20);

    /// <summary>The limits of connections and queues.</summary>
    public PubSubLimits Limits { get; init; } = new();

    internal string HubInLowerCase => Hub.ToLowerInvariant();

    internal string OriginHost => Endpoint?.Host ?? "localhost";

    /// <summary>
    /// The problems of the options, one sentence each that begins with the option's name; empty when they are valid.
    /// </summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>(Limits.Problems());
        if (!HubName().IsMatch(Hub))
        {
            problems.Add(
                $"{nameof(Hub)} is '{Hub}': needs a letter and at most 127 letters, digits or _`,.[] after it."
            );
        }

        if (AccessKey.Length is 0 or > 1024)
        {
            problems.Add($"{nameof(AccessKey)} has {AccessKey.Length} characters: needs 1 to 1024.");
        }

        if (UpstreamTemplates.Count > UpstreamsMax)
        {
            problems.Add($"{nameof(UpstreamTemplates)} has {UpstreamTemplates.Count} URLs: needs at most {UpstreamsMax}.");
        }

        problems.AddRange(
            UpstreamTemplates
                .Where(static template => !IsTemplate(template))
                .Select(static template =>
                    $"{nameof(UpstreamTemplates)} holds '{template}': needs absolute http or https URLs; {{hub}} and {{event}} may appear after the host."
                )
        );

        if (Endpoint is not null && !(Endpoint.IsAbsoluteUri && Endpoint.Scheme is "http" or "https"))
        {
            problems.Add($"{nameof(Endpoint)} is '{Endpoint}': needs an absolute http or https URL.");
        }

        if (KeepAliveInterval < TimeSpan.FromSeconds(1) || KeepAliveInterval > TimeSpan.FromHours(1))
        {
            problems.Add($"{nameof(KeepAliveInterval)} is {KeepAliveInterval}: needs 1 second to 1 hour.");
        }

        return problems;
    }

    internal static bool IsTemplate(string template) =>
        Uri.TryCreate(
            template.Replace("{hub}", "h", StringComparison.Ordinal).Replace("{event}", "e", StringComparison.Ordinal),
            UriKind.Absolute,
            out var url
        )
        && url.Scheme is "http" or "https"
        && !template.Split('/')[2].Contains('{', StringComparison.Ordinal)
        && !url.PathAndQuery.Contains("%7B", StringComparison.Ordinal);

    [GeneratedRegex(
        @"\A[A-Za-z][A-Za-z0-9_`,.[\]]{0,127}\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex HubName();
}
