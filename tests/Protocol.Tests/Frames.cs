using System.Text;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Tests;

/// <summary>Shortcuts for text frames of the dialect.</summary>
internal static class Frames
{
    public static readonly ProjectId ProjectOne = new(JsonId.Of(1));

    public static ClientCommand Read(string frame) => new BryntumDialect().Read(Bytes(frame));

    public static string Write(ServerMessage message) => Encoding.UTF8.GetString(new BryntumDialect().Write(message));

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    /// <summary>A <c>project_change</c> with the given <c>data</c>.</summary>
    public static string Change(string data) => $$"""{"command":"project_change","data":{{data}}}""";

    /// <summary>A <c>project_change</c> of project 1 with the given revision.</summary>
    public static string ChangeOf(string revision) => Change($$"""{"project":1,"revisions":[{{revision}}]}""");

    /// <summary>A change set in a frame, as the dialect passes it to the engine.</summary>
    public static string ChangesRead(string changes)
    {
        var command = Read(ChangeOf($$"""{"revision":"local-1","changes":{{changes}}}"""));
        var change = Assert.IsType<ClientCommand.ProjectChange>(command);
        return Text(Assert.Single(change.Revisions).Changes);
    }
}
