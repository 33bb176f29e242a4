namespace ServerlessSync.WebPubSub.Tokens;

/// <summary>The user and rights of a client URL.</summary>
/// <param name="User">The user id of the connection; null for a connection without one. 1 to 512 characters.</param>
public sealed record ClientAccessRequest(string? User)
{
    /// <summary>The longest user id in characters; our own limit, so that a token stays far below 4 KiB.</summary>
    public const int UserCharsMax = 512;

    /// <summary>The most groups or roles of one token; our own limit, for the same reason.</summary>
    public const int NamesMax = 20;

    /// <summary>The longest name of a group or role in characters; our own limit, for the same reason.</summary>
    public const int NameCharsMax = 256;

    /// <summary>The groups that the connection joins at once; at most <see cref="NamesMax"/>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Roles; at most <see cref="NamesMax"/>. A plain client needs none to send its messages.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <exception cref="ArgumentException">A limit is exceeded; the message names it.</exception>
    internal static void ThrowIfOverLimits(ClientAccessRequest request)
    {
        if (request.User is { Length: 0 or > UserCharsMax })
        {
            throw new ArgumentException($"A user id must have 1 to {UserCharsMax} characters.", nameof(request));
        }

        if (!AreUsable(request.Groups) || !AreUsable(request.Roles))
        {
            throw new ArgumentException(
                $"At most {NamesMax} groups and as many roles are allowed, each of 1 to {NameCharsMax} characters.",
                nameof(request)
            );
        }
    }

    private static bool AreUsable(IReadOnlyList<string> names) =>
        names.Count <= NamesMax && names.All(name => name.Length is > 0 and <= NameCharsMax);
}
