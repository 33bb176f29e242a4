using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Http;

/// <summary>Whom a request that carries no valid name comes from.</summary>
internal static class ClientAddress
{
    /// <summary>A subscriber has at least this much of an IPv6 address (RFC 6177), and can use any of the rest.</summary>
    private const int NetworkBytes = 8;

    /// <summary>
    /// The address of the caller, of IPv6 its network. Behind a Functions host the connection is the host's own; the last entry of
    /// <c>X-Forwarded-For</c> is the one that the front end of the platform has written, those before it are the caller's to choose.
    /// </summary>
    public static string Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (
            IPAddress.IsLoopback(address)
            && context.Request.Headers["X-Forwarded-For"].LastOrDefault()?.Split(',')[^1].Trim() is { Length: > 0 } forwarded
            && IPEndPoint.TryParse(forwarded, out var caller)
        )
        {
            address = caller.Address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, NetworkBytes))
            : address.ToString();
    }
}
