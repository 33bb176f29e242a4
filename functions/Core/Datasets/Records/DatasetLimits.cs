namespace ServerlessSync.Core.Datasets.Records;

/// <summary>
/// Limits of one project's data. A dataset file is checked when it is read, a change set when it is decided. The reason
/// of a refusal names the limit.
/// </summary>
public static class DatasetLimits
{
    /// <summary>
    /// Records in all stores: four times the largest plan that the clients are known to handle smoothly.
    /// </summary>
    public const int RecordsMax = 200_000;

    /// <summary>
    /// Bytes of a dataset file, and of all record texts: as much as one process can hold beside other projects.
    /// </summary>
    public const int BytesMax = 128 * 1024 * 1024;

    /// <summary>Levels of a tree of tasks, resources or calendars. Plans made by people stay below 20.</summary>
    public const int TreeLevelsMax = 200;

    /// <summary>Nesting of a dataset file: two for each level of a tree, the rest for values inside a record.</summary>
    public const int DepthMax = (2 * TreeLevelsMax) + Model.MessageLimits.DepthMax;

    /// <summary>Stores of one project; the clients know about a dozen.</summary>
    public const int StoresMax = 100;

    /// <summary>Characters of a store's name; leaves room for a revision number in the ids that are made from it.</summary>
    public const int StoreNameLengthMax = 64;

    /// <summary>Fields of one record in a message.</summary>
    public const int FieldsMax = 1_000;

    /// <summary>Bytes of a field's name as JSON text.</summary>
    public const int FieldNameBytesMax = 256;

    /// <summary>
    /// Client-generated ids whose real ids are remembered. A client repeats one until it has received the answer, which
    /// can take hours in a suspended tab. The oldest are forgotten first.
    /// </summary>
    public const int PhantomsMax = 100_000;

    /// <summary>
    /// Removed records whose ids are remembered, so that undo restores a record under its own id. The oldest are
    /// forgotten first.
    /// </summary>
    public const int RemovedIdsMax = 100_000;
}
