using ServerlessSync.Core.Model;
using ServerlessSync.Protocol.Reading;
using ServerlessSync.Protocol.Writing;

namespace ServerlessSync.Protocol;

/// <summary>
/// The language of Bryntum's "realtime-updates" clients: one JSON object <c>{"command", "data"}</c> per WebSocket text
/// frame. Shapes and error texts are those of the vendor's published client and reference server; <c>docs/protocol.md</c>
/// lists them with our optional extensions. Has no state and can be shared.
/// </summary>
public sealed class BryntumDialect : IDialect
{
    /// <summary>
    /// Reads a frame, checking the limits of <see cref="MessageLimits"/>. Whatever a client sent, the outcome is a value:
    /// a frame that is no command is <see cref="ClientCommand.Invalid"/> with an error that names the field and the limit.
    /// </summary>
    /// <param name="frame">The frame. The command keeps slices of it, so the caller must not use the buffer again.</param>
    public ClientCommand Read(ReadOnlyMemory<byte> frame) => FrameReader.Read(frame);

    /// <summary>
    /// Writes a message as UTF-8 JSON. Datasets, change sets and tokens are embedded as the bytes they are. How large a
    /// frame may be is for the caller to decide beforehand (<see cref="PublishedRevision.BytesMax"/>).
    /// </summary>
    public byte[] Write(ServerMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return FrameWriter.Write(message);
    }
}
