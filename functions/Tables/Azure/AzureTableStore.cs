using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using ServerlessSync.Core.Storage;
using ETag = ServerlessSync.Core.Storage.ETag;

namespace ServerlessSync.Tables.Azure;

/// <summary>Tables in Azure Table Storage or Azurite. Thread-safe; holds nothing to dispose of.</summary>
public sealed class AzureTableStore : ITableStore
{
    /// <summary>Rows per page; the maximum of the service.</summary>
    private const int PageRowsMax = 1000;

    private readonly TableServiceClient service;
    private readonly FrozenDictionary<TableName, TableClient> readClients;
    private readonly FrozenDictionary<TableName, TableClient> transactionClients;
    private readonly TimeSpan readBudget;

    private AzureTableStore(TableServiceClient reads, TableServiceClient transactions, TimeSpan budget)
    {
        service = reads;
        readClients = TableName.All.ToFrozenDictionary(name => name, name => reads.GetTableClient(name.Value));
        transactionClients = TableName.All.ToFrozenDictionary(name => name, name => transactions.GetTableClient(name.Value));
        readBudget = budget;
        Background = this;
    }

    /// <inheritdoc/>
    public ITableStore Background { get; private init; }

    /// <summary>Uses an account key, or a local Azurite with <c>UseDevelopmentStorage=true</c>. Does not connect yet.</summary>
    /// <param name="connectionString">A storage connection string.</param>
    /// <param name="options">Time-outs and transport; null for the defaults.</param>
    public static AzureTableStore FromConnectionString(string connectionString, AzureTableOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return Create(clientOptions => new TableServiceClient(connectionString, clientOptions), options);
    }

    /// <summary>Uses an identity, such as the managed identity of the Function App. Does not connect yet.</summary>
    /// <param name="endpoint">The account's table endpoint: <c>https://{account}.table.core.windows.net</c>.</param>
    /// <param name="credential">An identity with the role Storage Table Data Contributor.</param>
    /// <param name="options">Time-outs and transport; null for the defaults.</param>
    public static AzureTableStore FromCredential(
        Uri endpoint,
        TokenCredential credential,
        AzureTableOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(credential);
        return Create(clientOptions => new TableServiceClient(endpoint, credential, clientOptions), options);
    }

    /// <summary>Creates the tables of the product that do not exist yet.</summary>
    /// <exception cref="StorageException">The service is not reachable or refused.</exception>
    public async Task EnsureTablesAsync(CancellationToken cancellationToken)
    {
        foreach (var name in TableName.All)
        {
            try
            {
                await service.CreateTableIfNotExistsAsync(name.Value, cancellationToken);
            }
            catch (Exception exception) when (!AzureFailure.IsCancellation(exception, cancellationToken))
            {
                throw new StorageException($"Creating table '{name}' failed.", outcomeUnknown: false, exception);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<TableRow?> GetAsync(
        TableName table,
        string partitionKey,
        string rowKey,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        TableLimits.CheckKey(partitionKey, nameof(partitionKey));
        TableLimits.CheckKey(rowKey, nameof(rowKey));
        try
        {
            // GetEntityIfExists would treat a missing table as a missing row.
            using var budget = StartBudget(cancellationToken);
            var answer = await readClients[table]
                .GetEntityAsync<TableEntity>(partitionKey, rowKey, cancellationToken: budget.Token);
            return AzureRow.ToRow(answer.Value);
        }
        catch (RequestFailedException exception) when (AzureFailure.IsMissingRow(exception))
        {
            return null;
        }
        catch (Exception exception) when (!AzureFailure.IsCancellation(exception, cancellationToken))
        {
            throw AzureFailure.OfRead(table, partitionKey, exception);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TableRow> QueryAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        TableLimits.CheckQuery(partitionKey, range, limit);
        return RowsAsync(table, partitionKey, range, limit ?? int.MaxValue, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A single request, which the SDK never retries: a retry of a transaction that was carried out would conflict with
    /// itself. A cancellation after the request was sent leaves the outcome unknown.
    /// </remarks>
    public async Task<TransactionResult> SubmitAsync(
        TableName table,
        string partitionKey,
        IReadOnlyList<TableAction> actions,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(actions);
        TableLimits.Check(partitionKey, actions);
        cancellationToken.ThrowIfCancellationRequested();
        var batch = actions.Select(action => AzureRow.ToBatchAction(partitionKey, action));
        var departure = new Departure();
        try
        {
            using var scope = HttpPipeline.CreateHttpMessagePropertiesScope(departure.MessageProperties);
            var answer = await transactionClients[table].SubmitTransactionAsync(batch, cancellationToken);
            return new TransactionResult.Committed(ETagsOf(actions, answer.Value));
        }
        catch (TableTransactionFailedException exception) when (AzureFailure.ConflictOf(exception) is { } conflict)
        {
            return conflict;
        }
        catch (Exception exception)
            when (departure.HasHappened || !AzureFailure.IsCancellation(exception, cancellationToken))
        {
            throw AzureFailure.OfTransaction(table, partitionKey, departure.HasHappened, exception);
        }
    }

    private static AzureTableStore Create(Func<TableClientOptions, TableServiceClient> connect, AzureTableOptions? given)
    {
        var options = given ?? new AzureTableOptions();
        return new AzureTableStore(connect(options.ForReads()), connect(options.ForTransactions()), options.ReadBudget)
        {
            Background = new AzureTableStore(
                connect(options.ForBackgroundReads()),
                connect(options.ForBackgroundTransactions()),
                Timeout.InfiniteTimeSpan
            ),
        };
    }

    /// <summary>Cancels a read when its budget is used up, whichever attempt is under way.</summary>
    private CancellationTokenSource StartBudget(CancellationToken cancellationToken)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(readBudget);
        return source;
    }

    private static ETag?[] ETagsOf(IReadOnlyList<TableAction> actions, IReadOnlyList<Response> answers)
    {
        var eTags = new ETag?[actions.Count];
        for (var index = 0; index < actions.Count; index++)
        {
            if (actions[index] is not TableAction.Delete)
            {
                eTags[index] = AzureRow.ToETag(
                    answers[index].Headers.ETag ?? throw new InvalidDataException("An answer holds no ETag.")
                );
            }
        }

        return eTags;
    }

    private async IAsyncEnumerable<TableRow> RowsAsync(
        TableName table,
        string partitionKey,
        RowRange range,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (limit == 0 || string.CompareOrdinal(range.From, range.To) >= 0)
        {
            yield break;
        }

        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {partitionKey} and RowKey ge {range.From} and RowKey lt {range.To}"
        );
        var wanted = limit;
        string? continuation = null;
        do
        {
            IReadOnlyList<TableRow> rows;
            try
            {
                // One call per page, because each page has a budget of its own.
                using var budget = StartBudget(cancellationToken);
                var pages = readClients[table]
                    .QueryAsync<TableEntity>(filter, Math.Min(limit, PageRowsMax), cancellationToken: budget.Token)
                    .AsPages(continuation);
                var page = await pages.FirstAsync(budget.Token);
                rows = [.. page.Values.Take(wanted).Select(AzureRow.ToRow)];
                continuation = page.ContinuationToken;
            }
            catch (Exception exception) when (!AzureFailure.IsCancellation(exception, cancellationToken))
            {
                throw AzureFailure.OfRead(table, partitionKey, exception);
            }

            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return row;
            }

            wanted -= rows.Count;
        } while (wanted > 0 && continuation is not null);
    }
}
