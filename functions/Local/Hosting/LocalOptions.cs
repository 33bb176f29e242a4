namespace ServerlessSync.Local.Hosting;

/// <summary>How events and sends travel between the stand-in and the product.</summary>
internal enum Transport
{
    /// <summary>By method calls: the fastest, and the default.</summary>
    InProcess,

    /// <summary>By CloudEvents and REST over loopback HTTP, exactly as between Web PubSub and a Function App.</summary>
    Http,
}

/// <summary>Which part of the whole a process is.</summary>
internal enum Role
{
    /// <summary>Stand-in, product and demo page in one process.</summary>
    Everything,

    /// <summary>The Web PubSub stand-in and the demo page; events go to other processes.</summary>
    PubSub,

    /// <summary>The product alone, as a Function App is; the stand-in is another process.</summary>
    Functions,
}

/// <summary>What the command line says.</summary>
internal sealed record LocalOptions
{
    /// <summary>Engines that <c>--instances</c> may ask for: each one holds its own copy of every open project.</summary>
    public const int InstancesMax = 16;

    /// <summary>Where the server listens.</summary>
    public required Uri Url { get; init; }

    /// <summary><c>memory</c>, <c>sqlite</c>, <c>azurite</c>, or a Table Storage connection string.</summary>
    public string Storage { get; init; } = "sqlite";

    /// <summary>The folder of the embedded store.</summary>
    public string Data { get; init; } = ".data";

    /// <summary>Independent engines that share only the storage.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Whether each person may ask without end.</summary>
    public bool NoLimits { get; init; }

    /// <summary>Pages of other sites that may connect, as <c>scheme://host[:port]</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Whether the demo page is served.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>How the stand-in and the product talk.</summary>
    public Transport Transport { get; init; } = Transport.InProcess;

    /// <summary>Further settings of the workers: environment variables, over those of this process.</summary>
    public IReadOnlyDictionary<string, string> WorkerSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Which part this process is.</summary>
    public Role Role { get; init; }

    /// <summary>Where a stand-in alone sends events: URLs with <c>{event}</c>.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>The stand-in that a product alone sends through.</summary>
    public Uri? PubSub { get; init; }

    /// <summary>Whether the product runs as in Azure: as worker processes of the Function App, in place of engines in this process.</summary>
    public bool Worker { get; init; }

    /// <summary>Whether clients connect to this process.</summary>
    public bool HasStandIn => Role is not Role.Functions;

    /// <summary>Whether the product is part of what this process runs, and so has storage.</summary>
    public bool HasProduct => Role is not Role.PubSub;

    /// <summary>Whether this very process decides about changes.</summary>
    public bool HasEngines => HasProduct && !Worker;

    /// <summary>Whether events come to this process by HTTP.</summary>
    public bool TakesEvents => HasEngines && (Role is Role.Functions || Transport is Transport.Http);

    /// <summary>The address without a trailing slash.</summary>
    public string Address => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>The address of the stand-in, which may be this process.</summary>
    public Uri StandIn => PubSub ?? Url;
}
