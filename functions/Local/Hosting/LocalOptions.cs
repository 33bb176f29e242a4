namespace ServerlessSync.Local.Hosting;

/// <summary>How events and sends travel between the stand-in and the product.</summary>
internal enum Transport
{
    /// <summary>By method calls: the fastest, and the default.</summary>
    InProcess,

    /// <summary>By CloudEvents and REST over loopback HTTP, exactly as between Web PubSub and a Function App.</summary>
    Http,
}

/// <summary>What the command line says.</summary>
internal sealed record LocalOptions
{
    /// <summary>Engines that <c>--instances</c> may ask for: each one holds its own copy of every open project.</summary>
    public const int InstancesMax = 16;

    /// <summary>Where the server listens.</summary>
    public required Uri Url { get; init; }

    /// <summary><c>memory</c>, <c>sqlite</c>, or a Table Storage connection string.</summary>
    public string Storage { get; init; } = "sqlite";

    /// <summary>The folder of the embedded store.</summary>
    public string Data { get; init; } = ".data";

    /// <summary>Independent engines that share only the storage.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Whether the demo page is served.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>How the stand-in and the product talk.</summary>
    public Transport Transport { get; init; } = Transport.InProcess;
}
