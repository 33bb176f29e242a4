using System.Text.Json;
using ServerlessSync.Core.Datasets.Records;

namespace ServerlessSync.Core.Datasets.Json;

/// <summary>Enumerates the fields of a stored record's text.</summary>
internal ref struct FieldReader
{
    private readonly ReadOnlySpan<byte> json;
    private Utf8JsonReader reader;

    /// <summary>Positions the reader before the first field of a JSON object.</summary>
    public FieldReader(ReadOnlySpan<byte> json)
    {
        this.json = json;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DatasetLimits.DepthMax });
        reader.Read();
        Name = default;
        Value = default;
    }

    /// <summary>The name between its quotes, in the spelling of <see cref="RawText.CanonicalName"/>.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The text of the value.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Advances to the next field; false at the end.</summary>
    public bool Next()
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        Name = RawText.CanonicalName(reader.ValueSpan);
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        Value = json[start..(int)reader.BytesConsumed];
        return true;
    }
}
