using System.Net;
using System.Net.Sockets;
using ServerlessSync.Core.Storage;
using ServerlessSync.Tables.Azure;

namespace ServerlessSync.Tables.Tests.Azure;

/// <summary>Failures between client and service, which an emulator cannot produce.</summary>
public sealed class AzureTableStoreTests
{
    private const string ETagText = "W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\"";

    private const string AccountOfNoNetwork =
        "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=a2V5;EndpointSuffix=core.windows.net";

    private static readonly TableAction Replacement = new TableAction.Replace(
        "head",
        TableRows.NoProperties,
        new ETag("W/\"1\"")
    );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transaction_is_one_request_and_answers_with_the_etag()
    {
        using var network = new ScriptedNetwork((_, _) => Task.FromResult(ScriptedNetwork.Committed(ETagText)));

        var result = await SubmitAsync(network);

        Assert.Equal(new ETag(ETagText), Assert.Single(Assert.IsType<TransactionResult.Committed>(result).ETags));
        Assert.Single(network.Bodies);
    }

    [Fact]
    public async Task A_lost_answer_is_an_unknown_outcome_and_the_transaction_is_not_sent_again()
    {
        using var network = ScriptedNetwork.Failing(new HttpRequestException("reset", new SocketException(104)));

        var failure = await FailAsync(network);

        Assert.True(failure.OutcomeUnknown);
        Assert.Single(network.Bodies);
    }

    [Fact]
    public async Task A_torn_answer_is_an_unknown_outcome()
    {
        using var network = new ScriptedNetwork(
            (_, _) =>
                Task.FromResult(
                    new HttpResponseMessage(HttpStatusCode.Accepted) { Content = new StringContent("--batch") }
                )
        );

        Assert.True((await FailAsync(network)).OutcomeUnknown);
        Assert.Single(network.Bodies);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, "InternalError", true)]
    [InlineData(HttpStatusCode.InternalServerError, "OperationTimedOut", true)]
    [InlineData(HttpStatusCode.BadGateway, "x", true)]
    [InlineData(HttpStatusCode.GatewayTimeout, "x", true)]
    [InlineData(HttpStatusCode.RequestTimeout, "x", true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "OperationTimedOut", true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ServerBusy", false)]
    [InlineData(HttpStatusCode.TooManyRequests, "TooManyRequests", false)]
    [InlineData(HttpStatusCode.BadRequest, "InvalidInput", false)]
    [InlineData(HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch", false)]
    [InlineData(HttpStatusCode.NotFound, "TableNotFound", false)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "RequestBodyTooLarge", false)]
    public async Task A_refusal_has_a_known_outcome_and_a_failure_has_not(
        HttpStatusCode status,
        string code,
        bool isUnknown
    )
    {
        using var whole = ScriptedNetwork.Answering(status, code);
        using var inside = ScriptedNetwork.AnsweringBatch((int)status, code, 0);

        Assert.Equal(isUnknown, (await FailAsync(whole)).OutcomeUnknown);
        Assert.Equal(isUnknown, (await FailAsync(inside)).OutcomeUnknown);
        Assert.Single(whole.Bodies);
        Assert.Single(inside.Bodies);
    }

    [Theory]
    [InlineData(409, "EntityAlreadyExists", 3, ConflictReason.Exists)]
    [InlineData(404, "ResourceNotFound", 1, ConflictReason.Missing)]
    [InlineData(404, "EntityNotFound", 0, ConflictReason.Missing)]
    [InlineData(412, "UpdateConditionNotSatisfied", 0, ConflictReason.Stale)]
    [InlineData(412, "ConditionNotMet", 2, ConflictReason.Stale)]
    public async Task A_lost_race_is_an_answer(int status, string code, int index, ConflictReason reason)
    {
        using var network = ScriptedNetwork.AnsweringBatch(status, code, index);

        Assert.Equal(new TransactionResult.Conflict(index, reason), await SubmitAsync(network));
    }

    [Theory]
    [InlineData(404, "TableNotFound")]
    [InlineData(409, "TableBeingDeleted")]
    public async Task A_table_that_is_missing_is_no_lost_race(int status, string code)
    {
        using var network = ScriptedNetwork.AnsweringBatch(status, code, 0);

        Assert.False((await FailAsync(network)).OutcomeUnknown);
    }

    [Fact]
    public async Task A_row_of_a_table_that_is_missing_is_a_failure_and_not_an_absent_row()
    {
        using var row = ScriptedNetwork.Answering(HttpStatusCode.NotFound, "ResourceNotFound");
        using var table = ScriptedNetwork.Answering(HttpStatusCode.NotFound, "TableNotFound");

        Assert.Null(await Open(row).GetAsync(TableName.Data, "p", "head", Token));
        await Assert.ThrowsAsync<StorageException>(() => Open(table).GetAsync(TableName.Data, "p", "head", Token));
    }

    [Fact]
    public async Task A_transaction_that_is_not_answered_in_time_has_an_unknown_outcome()
    {
        using var network = new ScriptedNetwork(
            async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                throw new InvalidOperationException();
            }
        );

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            Open(network, TimeSpan.FromMilliseconds(50)).SubmitAsync(TableName.Data, "p", [Replacement], Token)
        );

        Assert.True(failure.OutcomeUnknown);
        Assert.Single(network.Bodies);
    }

    [Fact]
    public async Task A_cancellation_after_the_request_left_is_an_unknown_outcome()
    {
        using var source = new CancellationTokenSource();
        using var network = new ScriptedNetwork(
            async (_, token) =>
            {
                await source.CancelAsync();
                token.ThrowIfCancellationRequested();
                throw new InvalidOperationException();
            }
        );

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            Open(network).SubmitAsync(TableName.Data, "p", [Replacement], source.Token)
        );

        Assert.True(failure.OutcomeUnknown);
        Assert.IsType<OperationCanceledException>(failure.InnerException, exactMatch: false);
    }

    [Fact]
    public async Task A_cancellation_before_the_request_left_is_a_cancellation()
    {
        using var source = new CancellationTokenSource();
        using var network = ScriptedNetwork.Failing(new InvalidOperationException());
        var credential = new ScriptedCredential(async token =>
        {
            await source.CancelAsync();
            token.ThrowIfCancellationRequested();
        });
        var store = Open(network, credential);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            store.SubmitAsync(TableName.Data, "p", [Replacement], source.Token)
        );

        Assert.Empty(network.Bodies);
    }

    [Fact]
    public async Task An_identity_that_cannot_be_had_is_a_failure_with_a_known_outcome()
    {
        using var network = ScriptedNetwork.Failing(new InvalidOperationException());
        var store = Open(network, new ScriptedCredential(_ => throw new InvalidOperationException("no identity")));

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            store.SubmitAsync(TableName.Data, "p", [Replacement], Token)
        );

        Assert.False(failure.OutcomeUnknown);
        Assert.Empty(network.Bodies);
    }

    [Fact]
    public async Task A_read_that_failed_is_sent_again()
    {
        var attempts = 0;
        using var network = new ScriptedNetwork(
            (_, _) =>
                Task.FromResult(
                    ++attempts == 1
                        ? ScriptedNetwork.Error(HttpStatusCode.ServiceUnavailable, "ServerBusy")
                        : ScriptedNetwork.Error(HttpStatusCode.NotFound, "ResourceNotFound")
                )
        );

        Assert.Null(await Open(network).GetAsync(TableName.Data, "p", "head", Token));
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task A_read_that_fails_for_good_is_a_failure()
    {
        using var network = ScriptedNetwork.Answering(HttpStatusCode.Forbidden, "AuthenticationFailed");
        var store = Open(network);

        await Assert.ThrowsAsync<StorageException>(() => store.GetAsync(TableName.Data, "p", "head", Token));
        await Assert.ThrowsAsync<StorageException>(async () =>
        {
            await foreach (var _ in store.QueryAsync(TableName.Data, "p", new RowRange("a", "b"), null, Token)) { }
        });
        await Assert.ThrowsAsync<StorageException>(() => store.EnsureTablesAsync(Token));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public async Task A_read_is_tried_twice_while_a_client_waits_and_more_often_when_none_does(bool inBackground, int attempts)
    {
        using var network = ScriptedNetwork.Answering(HttpStatusCode.ServiceUnavailable, "ServerBusy");
        ITableStore store = Open(network);

        await Assert.ThrowsAsync<StorageException>(() =>
            (inBackground ? store.Background : store).GetAsync(TableName.Data, "p", "head", Token)
        );

        Assert.Equal(attempts, network.Bodies.Count);
    }

    [Fact]
    public async Task A_transaction_is_sent_once_also_when_no_client_waits()
    {
        using var network = ScriptedNetwork.Answering(HttpStatusCode.ServiceUnavailable, "ServerBusy");

        await Assert.ThrowsAsync<StorageException>(() =>
            Open(network).Background.SubmitAsync(TableName.Data, "p", [Replacement], Token)
        );

        Assert.Single(network.Bodies);
    }

    [Fact]
    public async Task A_read_that_is_never_answered_ends_with_its_budget_and_a_page_of_a_query_too()
    {
        using var network = new ScriptedNetwork(
            static async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                throw new InvalidOperationException("Not reached.");
            }
        );
        var store = AzureTableStore.FromConnectionString(
            AccountOfNoNetwork,
            new AzureTableOptions
            {
                Transport = network.ToTransport(),
                Timeout = Timeout.InfiniteTimeSpan,
                ReadBudget = TimeSpan.FromMilliseconds(20),
            }
        );

        await Assert.ThrowsAsync<StorageException>(() => store.GetAsync(TableName.Data, "p", "head", Token));
        await Assert.ThrowsAsync<StorageException>(async () =>
            await store.QueryAsync(TableName.Data, "p", new RowRange("a", "b"), null, Token).FirstOrDefaultAsync(Token)
        );
    }

    private static AzureTableStore Open(ScriptedNetwork network, TimeSpan? timeout = null) =>
        AzureTableStore.FromConnectionString(
            AccountOfNoNetwork,
            new AzureTableOptions
            {
                Transport = network.ToTransport(),
                Timeout = timeout ?? AzureTableOptions.DefaultTimeout,
            }
        );

    private static AzureTableStore Open(ScriptedNetwork network, ScriptedCredential credential) =>
        AzureTableStore.FromCredential(
            new Uri("https://account.table.core.windows.net"),
            credential,
            new AzureTableOptions { Transport = network.ToTransport() }
        );

    private static Task<TransactionResult> SubmitAsync(ScriptedNetwork network) =>
        Open(network).SubmitAsync(TableName.Data, "p", [Replacement], Token);

    private static Task<StorageException> FailAsync(ScriptedNetwork network) =>
        Assert.ThrowsAsync<StorageException>(() => SubmitAsync(network));
}
