namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// The name of a hub in lower case: the service ignores case and writes the name in lower case in every event and path.
/// Pattern and length are those of the service's REST description (2024-12-01).
/// </summary>
public sealed record HubName
{
    /// <summary>The longest name in characters.</summary>
    public const int LengthMax = 128;

    private HubName(string value) => Value = value;

    /// <summary>The name in lower case, 1 to 128 characters.</summary>
    public string Value { get; }

    /// <summary>Parses a hub name.</summary>
    /// <exception cref="FormatException">The text is not a hub name; the message states the rule.</exception>
    public static HubName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsName(text)
            ? new HubName(text.ToLowerInvariant())
            : throw new FormatException(
                $"A hub name starts with a letter and has at most {LengthMax} letters, digits and _ ` , . [ ]."
            );
    }

    /// <summary>Whether a text names this hub.</summary>
    public bool Matches(string? text) => string.Equals(Value, text, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsName(string text) =>
        text.Length is > 0 and <= LengthMax
        && char.IsAsciiLetter(text[0])
        && text.All(character =>
            char.IsAsciiLetterOrDigit(character) || "_`,.[]".Contains(character, StringComparison.Ordinal)
        );
}
