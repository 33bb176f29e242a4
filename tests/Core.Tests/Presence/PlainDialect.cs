using System.Text;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>Messages in a readable form: <c>join Ada</c>, <c>logout Ada</c>, <c>users Ada,Bob</c>.</summary>
internal sealed class PlainDialect : IDialect
{
    public ClientCommand Read(ReadOnlyMemory<byte> frame) => throw new NotSupportedException("Presence reads no frames.");

    public byte[] Write(ServerMessage message) =>
        Encoding.UTF8.GetBytes(
            message switch
            {
                ServerMessage.Joined joined => $"join {joined.UserName}",
                ServerMessage.Left left => $"logout {left.UserName}",
                ServerMessage.Users users => $"users {string.Join(',', users.UserNames)}",
                _ => throw new NotSupportedException($"Presence sends no {message.GetType().Name}."),
            }
        );
}
