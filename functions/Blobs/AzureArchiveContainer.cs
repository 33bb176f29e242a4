using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Blobs;

/// <summary>
/// Scheduled archives as block blobs of one container, in Azure or in Azurite. Parts are staged blocks, which nothing lists or reads until they are
/// committed; the service removes those of a blob that is not committed within a week.
/// </summary>
public sealed class AzureArchiveContainer : IArchiveContainer
{
    /// <summary>As over HTTP (docs/protocol.md): no JSON, so that nothing on the way looks into it.</summary>
    private const string MediaType = "application/vnd.serverless-sync.archive";

    private readonly BlobContainerClient container;

    private AzureArchiveContainer(BlobContainerClient container) => this.container = container;

    /// <summary>Connects with an account key, or to a local Azurite. Sends nothing yet.</summary>
    /// <param name="connectionString">A storage connection string.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="options">Time-outs and transport; null for the defaults.</param>
    public static AzureArchiveContainer FromConnectionString(string connectionString, string container, AzureBlobOptions? options = null) =>
        new(new BlobContainerClient(connectionString, container, (options ?? new AzureBlobOptions()).ToClientOptions()));

    /// <summary>Connects with an identity, such as the managed identity of the Function App. Sends nothing yet.</summary>
    /// <param name="endpoint">The account's blob endpoint: <c>https://{account}.blob.core.windows.net</c>.</param>
    /// <param name="credential">An identity with the role Storage Blob Data Contributor on the container.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="options">Time-outs and transport; null for the defaults.</param>
    public static AzureArchiveContainer FromCredential(
        Uri endpoint,
        TokenCredential credential,
        string container,
        AzureBlobOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var service = new BlobServiceClient(endpoint, credential, (options ?? new AzureBlobOptions()).ToClientOptions());
        return new AzureArchiveContainer(service.GetBlobContainerClient(container));
    }

    /// <summary>Makes the container unless it is there.</summary>
    /// <exception cref="StorageException">The service cannot be reached or refused.</exception>
    public Task EnsureContainerAsync(CancellationToken cancellationToken) =>
        TryAsync(
            "Making the container",
            async () => await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
            cancellationToken
        );

    /// <inheritdoc/>
    public Task StageAsync(string name, int number, ReadOnlyMemory<byte> part, CancellationToken cancellationToken) =>
        TryAsync(
            $"Writing part {number} of archive '{name}'",
            async () =>
            {
                using var content = BinaryData.FromBytes(part).ToStream();
                return await container.GetBlockBlobClient(name).StageBlockAsync(BlockOf(number), content, cancellationToken: cancellationToken);
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<bool> CommitAsync(string name, ArchiveLabel label, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(label);
        var options = new CommitBlockListOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = MediaType },
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["parts"] = label.Parts.ToString(CultureInfo.InvariantCulture),
                ["revision"] = label.Revision.ToString(CultureInfo.InvariantCulture),
                ["digest"] = label.Digest,
            },
            Conditions = new BlobRequestConditions { IfNoneMatch = global::Azure.ETag.All },
        };
        return TryAsync($"Completing archive '{name}'", () => CommitAsync(name, label.Parts, options, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await TryAsync(
                $"Listing archives '{prefix}'",
                async () =>
                    await container
                        .GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken)
                        .AsPages(continuation)
                        .FirstAsync(cancellationToken),
                cancellationToken
            );
            foreach (var blob in page.Values)
            {
                yield return blob.Name;
            }

            continuation = page.ContinuationToken;
        } while (!string.IsNullOrEmpty(continuation));
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        TryAsync(
            $"Removing archive '{name}'",
            async () => await container.DeleteBlobIfExistsAsync(name, DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken),
            cancellationToken
        );

    private async Task<bool> CommitAsync(string name, int parts, CommitBlockListOptions options, CancellationToken cancellationToken)
    {
        var blob = container.GetBlockBlobClient(name);
        try
        {
            await blob.CommitBlockListAsync(Enumerable.Range(1, parts).Select(BlockOf), options, cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            // An attempt before this one was carried out, and its answer was lost.
            return true;
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            return await blob.ExistsAsync(cancellationToken);
        }
    }

    /// <summary>Ids of the blocks of one blob have the same length.</summary>
    private static string BlockOf(int number) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(number.ToString("D5", CultureInfo.InvariantCulture)));

    private static async Task<T> TryAsync<T>(string what, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Not one of the caller: the SDK throws what the network, the identity or the service did, and its own time-out as a cancellation.
            throw new StorageException($"{what} failed.", outcomeUnknown: true, exception);
        }
    }
}
