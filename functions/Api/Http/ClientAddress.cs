using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Http;

/// <summary>The address to which a request without a valid user is attributed.</summary>
internal static class ClientAddress
{
    /// <summary>A subscriber holds at least a /64 of IPv6 (RFC 6177) and can use any address in it.</summary>
    private const int NetworkBytes = 8;

    /// <summary>
    /// The caller's address; for IPv6, its network. Behind a Functions host every connection comes from the host itself.
    /// The platform's front end appends the last entry of <c>X-Forwarded-For</c>; the caller can forge the entries before
    /// it.
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
