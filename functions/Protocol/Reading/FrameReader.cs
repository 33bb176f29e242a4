using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Protocol.Wire;

namespace ServerlessSync.Protocol.Reading;

/// <summary>Turns frames into commands: the envelope and the small commands.</summary>
internal static class FrameReader
{
    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = MessageLimits.DepthMax,
        AllowDuplicateProperties = false,
    };

    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = MessageLimits.DepthMax };

    /// <summary>Reads a frame; never throws for its content.</summary>
    public static ClientCommand Read(ReadOnlyMemory<byte> frame)
    {
        if (FrameFault.FindBeforeParsing(frame.Span) is { } fault)
        {
            return new ClientCommand.Invalid(Command: null, fault);
        }

        if (!IsWellFormed(frame, out var isJson))
        {
            return isJson && FrameFault.FindInNames(frame.Span) is { } nameFault
                ? RefuseNames(frame, nameFault)
                : new ClientCommand.Invalid(Command: null, FrameFault.FindAfterParsing(frame.Span));
        }

        try
        {
            return ReadEnvelope(frame);
        }
        catch (JsonException)
        {
            return new ClientCommand.Invalid(Command: null, FrameFault.FindAfterParsing(frame.Span));
        }
    }

    /// <summary>
    /// Whether a frame is JSON without duplicate names in any object; <paramref name="isJson"/> tells whether it is JSON at
    /// all.
    /// </summary>
    private static bool IsWellFormed(ReadOnlyMemory<byte> frame, out bool isJson)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, Strict);
            isJson = true;
            return true;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair in a name.
            isJson = true;
            return false;
        }
        catch (JsonException)
        {
            isJson = IsJson(frame);
            return false;
        }
    }

    private static bool IsJson(ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame, Lenient);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>
    /// Refuses a frame because of a name in it, in answer to its command and project where those can be read. A page whose
    /// change is refused needs a fresh dataset, whatever the reason.
    /// </summary>
    private static ClientCommand.Invalid RefuseNames(ReadOnlyMemory<byte> frame, string fault)
    {
        string? command = null;
        try
        {
            var envelope = JsonSerializer.Deserialize(frame.Span, WireJson.Default.ClientFrame);
            if (envelope is null || !FieldReader.TryReadText(envelope.Command, frame, out var stated) || !IsKnown(stated))
            {
                return new ClientCommand.Invalid(Command: null, fault);
            }

            command = ErrorCommand(stated);
            if (envelope.Data.Kind != JsonTokenType.StartObject)
            {
                return new ClientCommand.Invalid(command, fault);
            }

            var data = envelope.Data.In(frame);
            FieldReader.TryReadProject(Fields(data, WireJson.Default.ProjectFields).Project, data, out var project);
            return new ClientCommand.Invalid(command, fault, project);
        }
        catch (JsonException)
        {
            // The unusable name is at the place of the command or the project.
            return new ClientCommand.Invalid(command, fault);
        }
    }

    private static ClientCommand ReadEnvelope(ReadOnlyMemory<byte> frame)
    {
        if (JsonSerializer.Deserialize(frame.Span, WireJson.Default.ClientFrame) is not { } envelope)
        {
            return new ClientCommand.Invalid(Command: null, FrameFault.NotAnObject);
        }

        if (!FieldReader.TryReadText(envelope.Command, frame, out var command))
        {
            return new ClientCommand.Invalid(Command: null, "command must be a string");
        }

        if (!IsKnown(command))
        {
            return new ClientCommand.Invalid(Command: null, $"Unknown command: {FrameFault.Printable(command)}");
        }

        if (!envelope.Data.IsNothing && envelope.Data.Kind != JsonTokenType.StartObject)
        {
            return new ClientCommand.Invalid(ErrorCommand(command), "data must be an object");
        }

        var data = envelope.Data.IsNothing ? EmptyObject : envelope.Data.In(frame);
        return ReadCommand(command, data);
    }

    private static bool IsKnown(string command) =>
        command
            is CommandNames.Login
                or CommandNames.Logout
                or CommandNames.Projects
                or CommandNames.Dataset
                or CommandNames.ProjectChange
                or CommandNames.Reset
                or CommandNames.Version
                or CommandNames.RequestVersionAutosave
                or CommandNames.LoadVersionContent;

    // The seed's LoginWidget reads data.userName of every logout, errors included, and throws without data.
    private static string? ErrorCommand(string command) => command is CommandNames.Logout ? null : command;

    private static ClientCommand ReadCommand(string command, ReadOnlyMemory<byte> data) =>
        command switch
        {
            CommandNames.Login => ReadLogin(data),
            CommandNames.Logout => new ClientCommand.Logout(),
            CommandNames.Projects => new ClientCommand.Projects(),
            CommandNames.Version => new ClientCommand.Version(),
            CommandNames.ProjectChange => ProjectChangeReader.Read(data),
            CommandNames.LoadVersionContent => ReadLoadVersionContent(data),
            _ => ReadProjectCommand(command, data),
        };

    private static ClientCommand ReadLogin(ReadOnlyMemory<byte> data)
    {
        var fields = Fields(data, WireJson.Default.LoginFields);
        if (
            !FieldReader.TryReadText(fields.Login, data, out var login)
            || !PresenceLimits.IsUserName(login)
            || string.IsNullOrWhiteSpace(login)
        )
        {
            return new ClientCommand.Invalid(CommandNames.Login, FieldErrors.Login);
        }

        var password = string.Empty;
        if (
            !fields.Password.IsNothing
            && (
                !FieldReader.TryReadText(fields.Password, data, out password)
                || password.Length > MessageLimits.PasswordLengthMax
            )
        )
        {
            return new ClientCommand.Invalid(CommandNames.Login, FieldErrors.Password);
        }

        return new ClientCommand.Login(login, password);
    }

    private static ClientCommand ReadProjectCommand(string command, ReadOnlyMemory<byte> data)
    {
        var fields = Fields(data, WireJson.Default.ProjectFields);
        if (!FieldReader.TryReadProject(fields.Project, data, out var project))
        {
            return new ClientCommand.Invalid(command, FieldErrors.Project);
        }

        return command switch
        {
            CommandNames.Reset => new ClientCommand.Reset(project),
            CommandNames.RequestVersionAutosave => new ClientCommand.RequestVersionAutosave(project),
            _ => new ClientCommand.Dataset(project),
        };
    }

    private static ClientCommand ReadLoadVersionContent(ReadOnlyMemory<byte> data)
    {
        var fields = Fields(data, WireJson.Default.VersionContentFields);
        if (!FieldReader.TryReadProject(fields.Project, data, out var project))
        {
            return new ClientCommand.Invalid(CommandNames.LoadVersionContent, FieldErrors.Project);
        }

        return FieldReader.TryReadId(fields.VersionId, data, out var version)
            ? new ClientCommand.LoadVersionContent(project, version)
            : new ClientCommand.Invalid(CommandNames.LoadVersionContent, FieldErrors.VersionId, project);
    }

    /// <summary>Reads the fields of a JSON text that is known to be an object.</summary>
    internal static TFields Fields<TFields>(ReadOnlyMemory<byte> json, JsonTypeInfo<TFields> type)
        where TFields : class =>
        JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException("An object was read as null.");
}
