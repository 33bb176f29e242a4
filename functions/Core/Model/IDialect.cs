namespace ServerlessSync.Core.Model;

/// <summary>The clients' language: frames to commands and messages to frames.</summary>
public interface IDialect
{
    /// <summary>Reads a frame. Never throws for what a client sent: a bad frame is <see cref="ClientCommand.Invalid"/>.</summary>
    /// <remarks>The command keeps slices of the frame, so the caller must not use the buffer again.</remarks>
    ClientCommand Read(ReadOnlyMemory<byte> frame);

    /// <summary>Writes a message as one text frame (UTF-8 JSON).</summary>
    byte[] Write(ServerMessage message);
}

/// <summary>Limits of what a client may send, each checked before the first round trip and named in the error.</summary>
public static class MessageLimits
{
    /// <summary>Bytes of one frame: what Web PubSub forwards (1 MiB).</summary>
    public const int FrameBytesMax = 1024 * 1024;

    /// <summary>Revisions in one <c>project_change</c>. A client flushes its whole queue in one message; a day's offline work fits.</summary>
    public const int RevisionsMax = 1_000;

    /// <summary>Nesting of a frame. Real change sets stay below 10; deeper input only costs stack.</summary>
    public const int DepthMax = 64;

    /// <summary>Bytes of one revision as it is published: leaves room for the envelope in the service's 1 MiB message.</summary>
    public const int RevisionBytesMax = 900 * 1024;

    /// <summary>
    /// Bytes that a published revision takes at most beside its change set: its fixed part and three JSON texts (local
    /// revision, client, conflict), a character of which is at most 3 bytes of UTF-8.
    /// </summary>
    public const int RevisionEnvelopeBytesMax = PublishedRevision.FixedBytesMax + (3 * 3 * TokenLengthMax);

    /// <summary>
    /// Bytes that a <c>project_change</c> takes at most beside its revisions: 63 of names and punctuation, and the
    /// project id with quotes, a character of which is at most 6 bytes (<c>\u2028</c>).
    /// </summary>
    public const int ChangeEnvelopeBytesMax = 63 + 2 + (6 * JsonId.LengthMax);

    /// <summary>Bytes of the content of a saved version: it goes to who asks for it in one message, like a revision.</summary>
    public const int VersionContentBytesMax = RevisionBytesMax;

    /// <summary>The highest revision number: the last integer that a browser holds exactly (2^53 - 1).</summary>
    public const long RevisionNumberMax = (1L << 53) - 1;

    /// <summary>Records in all stores of one revision, results and user input counted apart.</summary>
    public const int ChangeSetRecordsMax = 5_000;

    /// <summary>Characters of a login name.</summary>
    public const int UserNameLengthMax = 100;

    /// <summary>Characters of a password; PBKDF2 would hash any length that is sent.</summary>
    public const int PasswordLengthMax = 256;

    /// <summary>Characters of the JSON text of a client id, a local revision or a page session.</summary>
    public const int TokenLengthMax = 200;
}
