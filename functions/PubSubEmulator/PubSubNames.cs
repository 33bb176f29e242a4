namespace ServerlessSync.PubSubEmulator;

/// <summary>The rules for names (REST specification).</summary>
internal static class PubSubNames
{
    /// <summary>Whether a text is a group name: 1 to 1,024 characters, not only white space.</summary>
    public static bool IsGroup(string name) =>
        name.Length <= PubSubLimits.GroupCharsMax && !string.IsNullOrWhiteSpace(name);

    /// <summary>Whether a text is a user id or null; control characters would break the header <c>ce-userId</c>.</summary>
    public static bool IsUser(string? id) => id?.Any(char.IsControl) is not true;
}
