namespace ServerlessSync.Core.Storage;

/// <summary>The value of one property of a table row: one of the three types the layout uses.</summary>
public readonly record struct TableValue
{
    private readonly object? value;

    private TableValue(object value) => this.value = value;

    /// <summary>Whether the value is a string.</summary>
    public bool IsString => value is string;

    /// <summary>Whether the value is a 64-bit integer.</summary>
    public bool IsInt64 => value is long;

    /// <summary>Whether the value is binary.</summary>
    public bool IsBinary => value is byte[];

    /// <summary>The value as a string; throws when it is none.</summary>
    public string AsString() => value as string ?? throw Mismatch("a string");

    /// <summary>The value as a 64-bit integer; throws when it is none.</summary>
    public long AsInt64() => value is long number ? number : throw Mismatch("a 64-bit integer");

    /// <summary>The value as bytes; throws when it is not binary.</summary>
    public ReadOnlyMemory<byte> AsBinary() => value as byte[] ?? throw Mismatch("binary");

    /// <summary>A string of at most <see cref="TableLimits.StringCharactersMax"/> characters.</summary>
    public static implicit operator TableValue(string value) => FromString(value);

    /// <summary>A 64-bit integer.</summary>
    public static implicit operator TableValue(long value) => FromInt64(value);

    /// <summary>At most <see cref="TableLimits.PropertyBytesMax"/> bytes; the array is not copied and must not change.</summary>
    public static implicit operator TableValue(byte[] value) => FromByteArray(value);

    /// <summary>A string of at most <see cref="TableLimits.StringCharactersMax"/> characters.</summary>
    public static TableValue FromString(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new TableValue(value);
    }

    /// <summary>A 64-bit integer.</summary>
    public static TableValue FromInt64(long value) => new(value);

    /// <summary>At most <see cref="TableLimits.PropertyBytesMax"/> bytes; the array is not copied and must not change.</summary>
    public static TableValue FromByteArray(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new TableValue(value);
    }

    private InvalidOperationException Mismatch(string wanted) =>
        new($"The property holds {value?.GetType().Name ?? "nothing"}, not {wanted}.");
}
