using ServerlessSync.Core.Model;
using ServerlessSync.Protocol.Reading;
using ServerlessSync.Protocol.Writing;

namespace ServerlessSync.Protocol;

/// <summary>
/// The dialect of Bryntum's "realtime-updates" clients: one JSON object <c>{"command", "data"}</c> per WebSocket text
/// frame. Shapes and error texts are those of the vendor's published client and reference server; <c>docs/protocol.md</c>
/// lists them together with our optional extensions. Stateless, so it can be shared.
/// </summary>
public sealed class BryntumDialect : IDialect
{
    /// <summary>
    /// Reads a frame and checks the limits of <see cref="MessageLimits"/>. Never throws for its content: a frame that is
    /// not a command becomes <see cref="ClientCommand.Invalid"/>, with an error that names the field and the limit.
    /// </summary>
    /// <param name="frame">The frame. The command keeps slices of it, so the caller must not reuse the buffer.</param>
    public ClientCommand Read(ReadOnlyMemory<byte> frame) => FrameReader.Read(frame);

    /// <summary>
    /// Writes a message as UTF-8 JSON. Datasets, change sets and tokens are embedded byte for byte. The caller limits the
    /// size of a frame beforehand (<see cref="PublishedRevision.BytesMax"/>).
    /// </summary>
    public byte[] Write(ServerMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return FrameWriter.Write(message);
    }
}
