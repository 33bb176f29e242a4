using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Azure;

/// <summary>What a failed request means: a lost race, a refusal, or an outcome that nobody knows.</summary>
internal static class AzureFailure
{
    private const int BadRequest = 400;
    private const int NotFound = 404;
    private const int RequestTimeout = 408;
    private const int Conflict = 409;
    private const int PreconditionFailed = 412;
    private const int InternalServerError = 500;
    private const int ServiceUnavailable = 503;

    /// <summary>The lost race that a failed transaction reports, or null when it failed for another reason.</summary>
    public static TransactionResult.Conflict? ConflictOf(TableTransactionFailedException exception)
    {
        // A table that is missing or being removed also answers 404 or 409; that is no race.
        ConflictReason? reason = exception.Status switch
        {
            Conflict when exception.ErrorCode == TableErrorCode.EntityAlreadyExists => ConflictReason.Exists,
            NotFound when IsMissingRow(exception) => ConflictReason.Missing,
            PreconditionFailed => ConflictReason.Stale,
            _ => null,
        };
        return reason is { } known && exception.FailedTransactionActionIndex is { } index
            ? new TransactionResult.Conflict(index, known)
            : null;
    }

    /// <summary>Whether a row, and not its table, was not found.</summary>
    public static bool IsMissingRow(RequestFailedException exception) =>
        exception.Status == NotFound && exception.ErrorCode != TableErrorCode.TableNotFound;

    /// <summary>Whether the caller gave up, rather than the SDK by a time-out of its own.</summary>
    public static bool IsCancellation(Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;

    public static StorageException OfRead(TableName table, string partitionKey, Exception exception) =>
        new($"Reading partition '{partitionKey}' of table '{table}' failed.", outcomeUnknown: false, exception);

    public static StorageException OfTransaction(
        TableName table,
        string partitionKey,
        bool hasDeparted,
        Exception exception
    ) =>
        new(
            $"Writing partition '{partitionKey}' of table '{table}' failed.",
            outcomeUnknown: hasDeparted && !IsRefusal(exception),
            exception
        );

    /// <summary>
    /// Whether the service said that it carried nothing out. 503 is its throttling, decided before it begins; an
    /// operation that it gave up half-way says so by its code or with 500.
    /// </summary>
    private static bool IsRefusal(Exception exception) =>
        exception is RequestFailedException { Status: var status } failure
        && status switch
        {
            RequestTimeout => false,
            ServiceUnavailable => failure.ErrorCode != TableErrorCode.OperationTimedOut,
            _ => status is >= BadRequest and < InternalServerError,
        };
}
