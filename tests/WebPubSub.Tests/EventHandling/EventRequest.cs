using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Tests.EventHandling;

/// <summary>Creates requests as the service sends them.</summary>
internal static class EventRequest
{
    public const string Connection = "conn-1";

    public static DefaultHttpContext Of(string type, string body = "", params (string Name, string? Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Post;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Response.Body = new MemoryStream();
        foreach (var (name, value) in Headers(type).Concat(headers))
        {
            if (value is null)
            {
                context.Request.Headers.Remove(name);
            }
            else
            {
                context.Request.Headers[name] = value;
            }
        }

        return context;
    }

    public static DefaultHttpContext Handshake(string? origin)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Options;
        if (origin is not null)
        {
            context.Request.Headers["WebHook-Request-Origin"] = origin;
        }

        return context;
    }

    public static IEnumerable<(string Name, string? Value)> Headers(string type) =>
        [
            ("ce-specversion", "1.0"),
            ("ce-awpsversion", "1.0"),
            ("ce-type", "azure.webpubsub." + type),
            ("ce-source", "/hubs/sync/client/" + Connection),
            ("ce-id", "7"),
            ("ce-time", "2026-11-23T05:49:24Z"),
            ("ce-hub", "sync"),
            ("ce-connectionId", Connection),
            ("ce-userId", "Jörg"),
        ];

    public static string Signature(string key, string connection = Connection) =>
        "sha256="
        + Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(connection))
        );

    public static string BodyOf(HttpContext context) =>
        Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
}
