using System.Text.Json;

namespace ServerlessSync.PubSubEmulator.Tests.Support;

/// <summary>The form of every refusal by a REST operation.</summary>
internal static class RestError
{
    public static async Task AssertAsync(HttpResponseMessage response, int status, string message)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode == status, $"{response.StatusCode}: {text}");
            using var body = JsonDocument.Parse(text);
            Assert.StartsWith(message, body.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.NotEmpty(body.RootElement.GetProperty("target").GetString()!);
            Assert.Equal(
                body.RootElement.GetProperty("code").GetString(),
                Assert.Single(response.Headers.GetValues("x-ms-error-code"))
            );
        }
    }
}
