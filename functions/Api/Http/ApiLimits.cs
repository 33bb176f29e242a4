namespace ServerlessSync.Api.Http;

/// <summary>The limits of the HTTP API for people.</summary>
public static class ApiLimits
{
    /// <summary>
    /// Bytes of a dataset file. Below the 30 MB at which Kestrel answers by itself, and which no setting of the Functions worker raises
    /// by accident.
    /// </summary>
    public const int DatasetBytesMax = 28 * 1024 * 1024;

    /// <summary>Bytes of any other request: a role, and room for a byte order mark.</summary>
    public const int SmallBytesMax = 4 * 1024;
}
