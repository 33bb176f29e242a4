using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Tables.Azure;

/// <summary>Classifies a failed request: a lost race, a refusal, or an unknown outcome.</summary>
internal static class AzureFailure
{
    private const int BadRequest = 400;
    private const int NotFound = 404;
    private const int RequestTimeout = 408;
    private const int Conflict = 409;
    private const int PreconditionFailed = 412;
    private const int InternalServerError = 500;
    private const int ServiceUnavailable = 503;

    /// <summary>The conflict that a failed transaction reports; null when it failed for another reason.</summary>
    public static TransactionResult.Conflict? ConflictOf(TableTransactionFailedException exception)
    {
        // A table that is missing or being deleted also answers 404 or 409, but that is no conflict.
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

    /// <summary>Whether the row, and not its table, was not found.</summary>
    public static bool IsMissingRow(RequestFailedException exception) =>
        exception.Status == NotFound && exception.ErrorCode != TableErrorCode.TableNotFound;

    /// <summary>Whether the caller cancelled, as opposed to a time-out of the SDK.</summary>
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
    /// Whether the service reports that nothing was carried out. 503 is throttling, decided before the operation begins; an
    /// operation that was abandoned half-way is reported by its code or by 500.
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
