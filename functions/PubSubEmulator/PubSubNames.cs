namespace ServerlessSync.PubSubEmulator;

/// <summary>What the service accepts as names (REST specification).</summary>
internal static class PubSubNames
{
    /// <summary>Whether a text can name a group: 1 to 1,024 characters, not only white space.</summary>
    public static bool IsGroup(string name) =>
        name.Length <= PubSubLimits.GroupCharsMax && !string.IsNullOrWhiteSpace(name);

    /// <summary>Whether a text can be a user id, or there is none; control characters would break the header <c>ce-userId</c>.</summary>
    public static bool IsUser(string? id) => id?.Any(char.IsControl) is not true;
}
