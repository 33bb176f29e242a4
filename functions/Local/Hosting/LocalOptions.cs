namespace ServerlessSync.Local.Hosting;

/// <summary>How events and sends travel between the emulator and the product.</summary>
internal enum Transport
{
    /// <summary>By method calls: the fastest way, and the default.</summary>
    InProcess,

    /// <summary>By CloudEvents and REST over loopback HTTP, exactly as between Web PubSub and a Function App.</summary>
    Http,
}

/// <summary>The part of the system that a process runs.</summary>
internal enum Role
{
    /// <summary>Emulator, product and demo page in one process.</summary>
    Everything,

    /// <summary>The Web PubSub emulator and the demo page; events go to other processes.</summary>
    PubSub,

    /// <summary>The product alone, as a Function App; the emulator runs in another process.</summary>
    Functions,
}

/// <summary>The options of the command line.</summary>
internal sealed record LocalOptions
{
    /// <summary>The most engines that <c>--instances</c> allows: each holds its own copy of every open project.</summary>
    public const int InstancesMax = 16;

    /// <summary>Where the server listens.</summary>
    public required Uri Url { get; init; }

    /// <summary><c>memory</c>, <c>sqlite</c>, <c>azurite</c>, or a Table Storage connection string.</summary>
    public string Storage { get; init; } = "sqlite";

    /// <summary>The folder of the embedded store.</summary>
    public string Data { get; init; } = ".data";

    /// <summary>Independent engines that share only the storage.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Whether rate limits are off.</summary>
    public bool NoLimits { get; init; }

    /// <summary>The origins of other sites whose pages may connect, as <c>scheme://host[:port]</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Whether the demo page is served.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>How the emulator and the product communicate.</summary>
    public Transport Transport { get; init; } = Transport.InProcess;

    /// <summary>Further settings of the workers: environment variables that override those of this process.</summary>
    public IReadOnlyDictionary<string, string> WorkerSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The part that this process runs.</summary>
    public Role Role { get; init; }

    /// <summary>The targets to which the emulator alone sends events: URLs with <c>{event}</c>.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>The emulator through which the product alone sends.</summary>
    public Uri? PubSub { get; init; }

    /// <summary>
    /// Whether the product runs as in Azure: as worker processes of the Function App, instead of engines in this process.
    /// </summary>
    public bool Worker { get; init; }

    /// <summary>Whether clients connect to this process.</summary>
    public bool HasEmulator => Role is not Role.Functions;

    /// <summary>Whether this process runs the product, and so has storage.</summary>
    public bool HasProduct => Role is not Role.PubSub;

    /// <summary>Whether the engines run in this process itself.</summary>
    public bool HasEngines => HasProduct && !Worker;

    /// <summary>Whether this process receives events over HTTP.</summary>
    public bool TakesEvents => HasEngines && (Role is Role.Functions || Transport is Transport.Http);

    /// <summary>The address without a trailing slash.</summary>
    public string Address => Url.GetLeftPart(UriPartial.Authority);

    /// <summary>The address of the emulator, which may be this process.</summary>
    public Uri Emulator => PubSub ?? Url;
}
