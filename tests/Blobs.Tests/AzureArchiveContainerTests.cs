using Azure.Storage.Blobs;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Blobs.Tests;

public sealed class AzureArchiveContainerTests(BlobServer server) : ArchiveContainerContract, IClassFixture<BlobServer>
{
    protected override IArchiveContainer Container => server.Container;

    protected override async Task<byte[]> ReadAsync(string name) => (await Blob(name).DownloadContentAsync(Token)).Value.Content.ToArray();

    [Fact]
    public async Task What_a_person_needs_to_know_stands_beside_the_archive()
    {
        await Container.StageAsync(Name("a"), 1, new byte[] { 1 }, Token);
        await Container.CommitAsync(Name("a"), Label(1), Token);

        var found = (await Blob(Name("a")).GetPropertiesAsync(cancellationToken: Token)).Value;

        Assert.Equal("application/vnd.serverless-sync.archive", found.ContentType);
        Assert.Equal(("1", "12", "00ff"), (found.Metadata["parts"], found.Metadata["revision"], found.Metadata["digest"]));
    }

    [Fact]
    public async Task A_container_that_is_there_is_left_as_it_is()
    {
        await Container.StageAsync(Name("a"), 1, new byte[] { 1 }, Token);
        await Container.CommitAsync(Name("a"), Label(1), Token);

        await server.Container.EnsureContainerAsync(Token);

        Assert.Equal([1], await ReadAsync(Name("a")));
    }

    [Fact]
    public async Task A_container_that_is_not_there_is_a_failure_of_storage_that_names_the_archive()
    {
        var missing = AzureArchiveContainer.FromConnectionString(server.ConnectionString, "missing");

        var exception = await Assert.ThrowsAsync<StorageException>(() => missing.StageAsync(Name("a"), 1, new byte[] { 1 }, Token));

        Assert.Equal($"Writing part 1 of archive '{Name("a")}' failed.", exception.Message);
        await Assert.ThrowsAsync<StorageException>(() => missing.CommitAsync(Name("a"), Label(1), Token));
        await Assert.ThrowsAsync<StorageException>(async () => await missing.ListAsync("n", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task A_service_that_cannot_be_reached_is_a_failure_of_storage()
    {
        // The discard port of the machine, where nothing listens.
        var nowhere = AzureArchiveContainer.FromConnectionString(
            "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=bm9ib2R5;BlobEndpoint=http://127.0.0.1:9/nobody;",
            "archives"
        );

        await Assert.ThrowsAsync<StorageException>(() => nowhere.StageAsync(Name("a"), 1, new byte[] { 1 }, Token));
    }

    private BlobClient Blob(string name) => new(server.ConnectionString, BlobServer.ContainerName, name);
}
