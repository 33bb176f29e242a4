using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Sessions;

/// <summary>How a connection came in. Written into its state when it connects, where no client can reach; a name tells nothing.</summary>
public enum SignInKind
{
    /// <summary>The state is of a release that did not note it.</summary>
    Unknown = 0,

    /// <summary>With an access token, which says who it is.</summary>
    Token = 1,

    /// <summary>Without one: it says itself who it is, by a login.</summary>
    Anonymous = 2,
}

/// <summary>How a connection signed in, and as whom.</summary>
/// <param name="Kind">How.</param>
/// <param name="User">The user id that the service carries for it.</param>
internal readonly record struct SignIn(SignInKind Kind, string? User)
{
    /// <summary>Property of the state for <see cref="Kind"/>; the values are those of the enumeration.</summary>
    public const string KindProperty = "k";

    /// <summary>Property of the state for the user, until a session names it.</summary>
    private const string UserProperty = "i";

    /// <summary>How a connection signs in that is being opened.</summary>
    public static SignIn Of(EventContext handshake) =>
        handshake.User is { Length: > 0 } user
            ? new SignIn(SignInKind.Token, user)
            : new SignIn(SignInKind.Anonymous, AnonymousId(handshake.Connection));

    /// <summary>The state of a connection that has only connected.</summary>
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
    /// How the connection of a message signed in. Null when the message comes under another user id than the one that the state is of:
    /// signatures with an access key cover the connection id alone, so the two need not belong together.
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

    /// <summary>What the service calls somebody of whom no token speaks.</summary>
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
            // A state of another product version or hub.
            return default;
        }
    }
}
