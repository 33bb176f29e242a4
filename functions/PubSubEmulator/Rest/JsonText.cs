using System.Text.Json;
using System.Text.Unicode;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>Validates that bytes are one JSON value, without building it.</summary>
internal static class JsonText
{
    // Our own limit, deep enough for any tree of tasks; the reader needs one bit per level.
    private const int DepthMax = 1024;

    /// <summary>Whether the bytes are one JSON value in UTF-8.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8)
    {
        // The JSON reader does not validate the bytes inside strings, and a text frame must be UTF-8 throughout.
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            // The reader also throws for empty input.
            while (reader.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
