using System.Text.Json;

namespace ServerlessSync.Core.Data;

/// <summary>A stub that the fold replaces.</summary>
public sealed class Dataset
{
    /// <summary>Reads a dataset as clients and files have it.</summary>
    public static DatasetResult Parse(ReadOnlyMemory<byte> json) => throw new NotSupportedException();

    /// <summary>Reads what <see cref="WriteSnapshot"/> wrote.</summary>
    public static Dataset ReadSnapshot(JsonElement snapshot) => throw new NotSupportedException();

    /// <summary>A rough count of the memory it takes.</summary>
    public long ApproximateBytes { get; }

    /// <summary>Writes everything that a later process needs to go on exactly here, as one JSON value.</summary>
    public void WriteSnapshot(Utf8JsonWriter writer) => throw new NotSupportedException();

    /// <summary>A copy that later changes of this one do not touch. Shares the records, which never change.</summary>
    public Dataset Clone() => throw new NotSupportedException();

    /// <summary>The dataset as clients load it.</summary>
    public byte[] ToClientJson() => throw new NotSupportedException();

    /// <summary>What the change set becomes as revision <paramref name="revision"/>; changes nothing here.</summary>
    public ChangeDecision Decide(ReadOnlyMemory<byte> changes, long revision) => throw new NotSupportedException();

    /// <summary>Applies what <see cref="Decide"/> gave.</summary>
    public void Apply(ReadOnlyMemory<byte> changes, bool cut) => throw new NotSupportedException();

    /// <summary>Takes over the content of a base dataset; ids given so far stay known.</summary>
    public void ResetTo(Dataset content) => throw new NotSupportedException();

    /// <summary>Remembers this state, for <see cref="Rollback"/> or <see cref="Release"/>. Marks do not nest.</summary>
    public void Mark() => throw new NotSupportedException();

    /// <summary>Goes back to the mark.</summary>
    public void Rollback() => throw new NotSupportedException();

    /// <summary>Forgets the mark and keeps what was applied since.</summary>
    public void Release() => throw new NotSupportedException();
}
