using ServerlessSync.Core.Archives;
using ServerlessSync.Support.Archives;

namespace ServerlessSync.Blobs.Tests;

/// <summary>The container that other tests use in place of the real one behaves as that one does.</summary>
public sealed class MemoryArchiveContainerTests : ArchiveContainerContract
{
    private readonly MemoryArchiveContainer container = new();

    protected override IArchiveContainer Container => container;

    protected override Task<byte[]> ReadAsync(string name) => Task.FromResult(container.Read(name).ToArray());
}
