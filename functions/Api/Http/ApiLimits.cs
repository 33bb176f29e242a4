namespace ServerlessSync.Api.Http;

/// <summary>The limits of the HTTP API for people.</summary>
public static class ApiLimits
{
    /// <summary>
    /// <summary>
    /// Bytes of a dataset file. Stays below the 30 MB at which Kestrel itself refuses a body, so that our error names the
    /// limit.
    /// </summary>
    /// </summary>
    public const int DatasetBytesMax = 28 * 1024 * 1024;

    /// <summary>Bytes of any other request body. A role needs a few dozen.</summary>
    public const int SmallBytesMax = 4 * 1024;
}
