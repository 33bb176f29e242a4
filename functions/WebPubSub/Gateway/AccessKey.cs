using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// A shared secret of a Web PubSub resource. The key is the UTF-8 encoding of its text, not the decoded Base64
/// (Azure.Messaging.WebPubSub, authentication policy). No member and no <c>ToString</c> reveals it.
/// </summary>
public sealed class AccessKey
{
    /// <summary>
    /// The fewest bytes: HS256 requires a key as long as its hash (RFC 7518, 3.2). The service's keys have at least 44.
    /// </summary>
    public const int BytesMin = 32;

    /// <summary>The most bytes; far above the service's own keys.</summary>
    public const int BytesMax = 1024;

    private readonly byte[] bytes;

    /// <summary>Creates a key from its text.</summary>
    /// <exception cref="FormatException">
    /// Fewer than <see cref="BytesMin"/> or more than <see cref="BytesMax"/> bytes.
    /// </exception>
    public AccessKey(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length is < BytesMin or > BytesMax)
        {
            throw new FormatException(
                $"The AccessKey has {bytes.Length} bytes; it must have {BytesMin} to {BytesMax}."
            );
        }

        Signing = new SigningCredentials(new SymmetricSecurityKey(bytes), SecurityAlgorithms.HmacSha256);
    }

    /// <summary>For HMACs other than tokens.</summary>
    internal ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>For HS256 tokens.</summary>
    internal SigningCredentials Signing { get; }

    /// <summary>A text that reveals nothing.</summary>
    public override string ToString() => "(access key)";
}
