using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <summary>
/// How a connection signed in. Stored in its state at the handshake, which clients cannot alter; the user name proves
/// nothing.
/// </summary>
public enum SignInKind
{
    /// <summary>Unknown: the state is of a release that did not store it.</summary>
    Unknown = 0,

    /// <summary>With an access token, which names the user.</summary>
    Token = 1,

    /// <summary>Without a token: the client states its name in a login.</summary>
    Anonymous = 2,
}

/// <summary>How a connection signed in, and as which user.</summary>
/// <param name="Kind">The kind of sign-in.</param>
/// <param name="User">The user id that the service holds for the connection.</param>
internal readonly record struct SignIn(SignInKind Kind, string? User)
{
    /// <summary>The state's property for <see cref="Kind"/>, with the values of the enumeration.</summary>
    public const string KindProperty = "k";

    /// <summary>The state's property for the user, until a session names it.</summary>
    private const string UserProperty = "i";

    /// <summary>The sign-in of a handshake.</summary>
    public static SignIn Of(EventContext handshake) =>
        handshake.User is { Length: > 0 } user
            ? new SignIn(SignInKind.Token, user)
            : new SignIn(SignInKind.Anonymous, AnonymousId(handshake.Connection));

    /// <summary>The state of a connection before its login.</summary>
    public string ToState()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber(KindProperty, (int)Kind);
            writer.WriteString(UserProperty, User);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>
    /// The sign-in of a message's connection. Null when the message has another user id than the state: signatures with
    /// an access key cover only the connection id, so the two need not belong together.
    /// </summary>
    public static SignIn? Read(EventContext context, ClientSession? session)
    {
        var (kind, user) = session is { SignIn: not SignInKind.Unknown } ? (session.SignIn, session.User) : Parse(context.State);
        return kind switch
        {
            SignInKind.Token => Check(new SignIn(kind, user), context),
            SignInKind.Anonymous => Check(new SignIn(kind, AnonymousId(context.Connection)), context),
            _ when context.User is null || IsSame(context.User, AnonymousId(context.Connection)) => new SignIn(
                SignInKind.Anonymous,
                context.User
            ),
            _ => new SignIn(SignInKind.Token, context.User),
        };
    }

    private static SignIn? Check(SignIn signIn, EventContext context) => IsSame(signIn.User, context.User) ? signIn : null;

    private static bool IsSame(string? left, string? right) => string.Equals(left, right, StringComparison.Ordinal);

    /// <summary>The user id of a connection without a token.</summary>
    private static string AnonymousId(ConnectionId connection) => "anon-" + connection;

    private static (SignInKind Kind, string? User) Parse(string? state)
    {
        if (string.IsNullOrEmpty(state))
        {
            return default;
        }

        try
        {
            using var document = JsonDocument.Parse(state);
            return
                document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(KindProperty, out var kind)
                && document.RootElement.TryGetProperty(UserProperty, out var user)
                ? ((SignInKind)kind.GetInt32(), user.GetString())
                : default;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // The state of another version or hub.
            return default;
        }
    }
}
