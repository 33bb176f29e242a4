using System.Diagnostics;
using Azure.Data.Tables;
using ServerlessSync.Core.Storage;
using ETag = ServerlessSync.Core.Storage.ETag;
using SdkETag = Azure.ETag;

namespace ServerlessSync.Tables.Azure;

/// <summary>Converts rows and actions to and from the types of the SDK.</summary>
internal static class AzureRow
{
    public static TableRow ToRow(TableEntity entity)
    {
        var properties = new Dictionary<string, TableValue>(entity.Count, StringComparer.Ordinal);
        foreach (var (name, value) in entity)
        {
            // An entity lists keys, time stamp and ETag among its properties.
            if (name is not ("PartitionKey" or "RowKey" or "Timestamp" or "odata.etag"))
            {
                properties[name] = ToValue(entity, name, value);
            }
        }

        return new TableRow(entity.PartitionKey, entity.RowKey, ToETag(entity.ETag), properties);
    }

    public static ETag ToETag(SdkETag eTag) => new(eTag.ToString("H"));

    public static TableTransactionAction ToBatchAction(string partitionKey, TableAction action) =>
        action switch
        {
            TableAction.Insert insert => new(
                TableTransactionActionType.Add,
                ToEntity(partitionKey, insert.RowKey, insert.Properties)
            ),
            TableAction.Replace replace => new(
                TableTransactionActionType.UpdateReplace,
                ToEntity(partitionKey, replace.RowKey, replace.Properties),
                new SdkETag(replace.IfMatch.Value)
            ),
            TableAction.Upsert upsert => new(
                TableTransactionActionType.UpsertReplace,
                ToEntity(partitionKey, upsert.RowKey, upsert.Properties)
            ),
            TableAction.Delete delete => new(
                TableTransactionActionType.Delete,
                new TableEntity(partitionKey, delete.RowKey),
                delete.IfMatch is { } ifMatch ? new SdkETag(ifMatch.Value) : SdkETag.All
            ),
            _ => throw new UnreachableException(),
        };

    private static TableEntity ToEntity(
        string partitionKey,
        string rowKey,
        IReadOnlyDictionary<string, TableValue> properties
    )
    {
        var entity = new TableEntity(partitionKey, rowKey);
        foreach (var (name, value) in properties)
        {
            entity[name] = ToSdkValue(value);
        }

        return entity;
    }

    private static object ToSdkValue(TableValue value)
    {
        if (value.IsInt64)
        {
            return value.AsInt64();
        }

        return value.IsString ? value.AsString() : value.AsBinary().ToArray();
    }

    private static TableValue ToValue(TableEntity entity, string name, object value) =>
        value switch
        {
            string text => text,
            long number => number,
            byte[] bytes => bytes,
            // A storage explorer writes whole numbers as Int32.
            int number => (long)number,
            _ => throw new InvalidDataException(
                $"Property '{name}' of row '{entity.RowKey}' has type {value.GetType().Name}; "
                    + "a row holds strings, 64-bit integers and binary."
            ),
        };
}
