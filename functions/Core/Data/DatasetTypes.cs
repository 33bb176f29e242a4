namespace ServerlessSync.Core.Data;

/// <summary>What became of reading a dataset.</summary>
public abstract record DatasetResult
{
    private DatasetResult() { }

    /// <summary>It was read.</summary>
    public sealed record Parsed(Dataset Dataset) : DatasetResult;

    /// <summary>It cannot be served to clients; the reason names store and record.</summary>
    public sealed record Malformed(string Reason) : DatasetResult;
}

/// <summary>What a submitted change set becomes.</summary>
public abstract record ChangeDecision
{
    private ChangeDecision() { }

    /// <summary>It takes its revision number.</summary>
    /// <param name="Changes">What is logged and published: ids given, phantoms replaced, impossible parts taken out.</param>
    /// <param name="Cut">Whether parts were taken out, so that its derived values are not stored.</param>
    public sealed record Accepted(ReadOnlyMemory<byte> Changes, bool Cut) : ChangeDecision;

    /// <summary>It is malformed or over a limit; the reason names store, record and limit.</summary>
    public sealed record Refused(string Reason) : ChangeDecision;
}
