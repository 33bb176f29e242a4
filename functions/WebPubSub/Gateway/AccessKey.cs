using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// A shared secret of a Web PubSub resource. The key bytes are the UTF-8 bytes of its text as it stands, not what the
/// text would decode to (Azure.Messaging.WebPubSub, authentication policy). No member and no <c>ToString</c> shows it.
/// </summary>
public sealed class AccessKey
{
    /// <summary>
    /// Fewest bytes: HS256 wants a key as long as its hash (RFC 7518, 3.2). The service's keys have 44 or more.
    /// </summary>
    public const int BytesMin = 32;

    /// <summary>Most bytes; far above the service's own keys.</summary>
    public const int BytesMax = 1024;

    private readonly byte[] bytes;

    /// <summary>Takes the key's text.</summary>
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

    /// <summary>For HMACs of other things than tokens.</summary>
    internal ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>For HS256 tokens.</summary>
    internal SigningCredentials Signing { get; }

    /// <summary>A text that gives nothing away.</summary>
    public override string ToString() => "(access key)";
}
