namespace ServerlessSync.Core.Model;

/// <summary>The wire protocol of the clients: reads frames as commands and writes messages as frames.</summary>
public interface IDialect
{
    /// <summary>
    /// Reads a frame. Never throws because of its content: a bad frame is <see cref="ClientCommand.Invalid"/>.
    /// </summary>
    /// <remarks>The command holds slices of the frame, so the caller must not reuse the buffer.</remarks>
    ClientCommand Read(ReadOnlyMemory<byte> frame);

    /// <summary>Writes a message as one text frame (UTF-8 JSON).</summary>
    byte[] Write(ServerMessage message);
}

/// <summary>
/// Limits of a client's messages. Each is checked before the first round trip and named in the error.
/// </summary>
public static class MessageLimits
{
    /// <summary>Bytes of one frame: the most that Web PubSub forwards (1 MiB).</summary>
    public const int FrameBytesMax = 1024 * 1024;

    /// <summary>Revisions in one <c>project_change</c>. A client flushes its whole queue in one message; a day's offline work fits.</summary>
    public const int RevisionsMax = 1_000;

    /// <summary>Nesting depth of a frame. Real change sets stay below 10; deeper input only consumes stack.</summary>
    public const int DepthMax = 64;

    /// <summary>Bytes of one published revision: leaves room for the envelope in the service's 1 MiB message.</summary>
    public const int RevisionBytesMax = 900 * 1024;

    /// <summary>
    /// Bytes of a published revision beside its change set, at most: the fixed part and three JSON texts (local
    /// revision, client, conflict) of at most 3 bytes of UTF-8 per character.
    /// </summary>
    public const int RevisionEnvelopeBytesMax = PublishedRevision.FixedBytesMax + (3 * 3 * TokenLengthMax);

    /// <summary>
    /// Bytes of a <c>project_change</c> beside its revisions, at most: 63 of names and punctuation, and the quoted
    /// project id of at most 6 bytes per character (<c>\u2028</c>).
    /// </summary>
    public const int ChangeEnvelopeBytesMax = 63 + 2 + (6 * JsonId.LengthMax);

    /// <summary>Bytes of the content of a saved version: like a revision, it is sent in one message.</summary>
    public const int VersionContentBytesMax = RevisionBytesMax;

    /// <summary>The highest revision number: the largest safe integer of JavaScript (2^53 - 1).</summary>
    public const long RevisionNumberMax = (1L << 53) - 1;

    /// <summary>Records in all stores of one revision; results and user input count separately.</summary>
    public const int ChangeSetRecordsMax = 5_000;

    /// <summary>Characters of a login name.</summary>
    public const int UserNameLengthMax = 100;

    /// <summary>Characters of a password: PBKDF2 would otherwise hash input of any length.</summary>
    public const int PasswordLengthMax = 256;

    /// <summary>Characters of the JSON text of a client id, a local revision or a page session.</summary>
    public const int TokenLengthMax = 200;
}
