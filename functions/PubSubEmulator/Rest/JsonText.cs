using System.Text.Json;
using System.Text.Unicode;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>Checks that bytes are one JSON value, without building it.</summary>
internal static class JsonText
{
    // Ours: deep enough for any tree of tasks; the reader needs one bit per level.
    private const int DepthMax = 1024;

    /// <summary>Whether bytes are one JSON value in UTF-8.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8)
    {
        // The JSON reader does not look at the bytes inside strings, and a text frame must be UTF-8 throughout.
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            // No value at all makes the reader throw, too.
            while (reader.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
