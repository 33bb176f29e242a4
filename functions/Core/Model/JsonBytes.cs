using System.Runtime.InteropServices;
using System.Text.Json;

namespace ServerlessSync.Core.Model;

/// <summary>The exact text of a JSON value, without going through a string.</summary>
internal static class JsonBytes
{
    public static byte[] Of(JsonElement element) => JsonMarshal.GetRawUtf8Value(element).ToArray();
}
