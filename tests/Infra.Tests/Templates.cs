namespace ServerlessSync.Infra.Tests;

/// <summary>
/// A copy of <c>infra</c> that tests may write into, and what its parameter files would deploy. Each is asked for once.
/// </summary>
public sealed class Templates : IDisposable
{
    /// <summary>What the parameter files read from the environment in these tests; none of it exists.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Variables = new Dictionary<string, string>(
        StringComparer.Ordinal
    )
    {
        ["AZURE_ENV_NAME"] = "staging",
        ["AZURE_LOCATION"] = "westeurope",
        ["SYNC_EVENT_AUDIENCE"] = Audience,
        ["SYNC_ALLOWED_ORIGINS"] = "https://plans.example.com,https://intranet.example.com:8443",
        ["SYNC_TOKEN_ISSUER"] = "https://login.example.com/v2.0",
        ["SYNC_TOKEN_AUDIENCE"] = "api://plans",
        ["SYNC_ACTION_GROUP"] =
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ops/providers/Microsoft.Insights/actionGroups/on-call",
    };

    /// <summary>The deployment that azd makes when everything is switched to its other side.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Switches = new Dictionary<string, string>(
        Variables,
        StringComparer.Ordinal
    )
    {
        ["SYNC_WEB_PUBSUB_SKU"] = "Premium_P1",
        ["SYNC_WEB_PUBSUB_UNITS"] = "20",
        ["SYNC_ZONES"] = "all",
        ["SYNC_ALLOW_ANONYMOUS"] = "true",
        ["SYNC_INBOUND"] = "AzureWebPubSub,203.0.113.0/24",
    };

    /// <summary>The deployment that azd makes with scheduled archives.</summary>
    internal static readonly IReadOnlyDictionary<string, string> WithArchives = new Dictionary<string, string>(
        Variables,
        StringComparer.Ordinal
    )
    {
        ["SYNC_ARCHIVES"] = "true",
        ["SYNC_ARCHIVE_SKU"] = "Standard_GRS",
        ["SYNC_ARCHIVE_HOURS"] = "12",
    };

    internal const string Audience = "11111111-2222-3333-4444-555555555555";
    internal const string Tenant = "00000000-0000-0000-0000-000000000002";

    private readonly string folder = Path.Combine(Path.GetTempPath(), "sync-infra-" + Path.GetRandomFileName());
    private readonly Lock gate = new();
    private Task<Snapshot>? development;
    private Task<Snapshot>? production;
    private Task<Snapshot>? switched;
    private Task<Snapshot>? archived;
    private Task<BicepResult>? compiled;

    /// <summary>Makes the copy.</summary>
    public Templates()
    {
        var source = Path.Combine(Repository.Root, "infra");
        foreach (
            var file in Directory
                .EnumerateFiles(source, "*.bicep*", SearchOption.AllDirectories)
                .Append(Path.Combine(source, "bicepconfig.json"))
        )
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    internal string Folder => folder;

    internal Task<Snapshot> Development => Once(ref development, () => PredictAsync("dev", Variables));

    internal Task<Snapshot> Production => Once(ref production, () => PredictAsync("prod", Variables));

    internal Task<Snapshot> Switched => Once(ref switched, () => PredictAsync("main", Switches));

    /// <summary>After <see cref="Switched"/>, as both are written to the file of one parameter file.</summary>
    internal Task<Snapshot> Archived =>
        Once(
            ref archived,
            async () =>
            {
                await Switched;
                return await PredictAsync("main", WithArchives);
            }
        );

    /// <summary>The templates as JSON, as Azure gets them.</summary>
    internal Task<BicepResult> Compiled =>
        Once(ref compiled, () => RunAsync(Variables, "build", "main.bicep", "--stdout"));

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    internal Task<BicepResult> RunAsync(
        IReadOnlyDictionary<string, string> variables,
        params IReadOnlyList<string> arguments
    ) => Bicep.RunAsync(folder, variables, arguments);

    private async Task<Snapshot> PredictAsync(string name, IReadOnlyDictionary<string, string> variables)
    {
        // Everything that names are made of is given, so that a snapshot is the same on every machine.
        var result = await RunAsync(
            variables,
            "snapshot",
            $"{name}.bicepparam",
            "--mode",
            "overwrite",
            "--subscription-id",
            "00000000-0000-0000-0000-000000000001",
            "--tenant-id",
            Tenant,
            "--location",
            "westeurope",
            "--deployment-name",
            "main"
        );
        Assert.Equal("", result.Diagnostics);
        Assert.Equal(0, result.ExitCode);
        return Snapshot.Read(
            await File.ReadAllTextAsync(
                Path.Combine(folder, $"{name}.snapshot.json"),
                TestContext.Current.CancellationToken
            )
        );
    }

    // Classes of tests run beside one another.
    private Task<T> Once<T>(ref Task<T>? task, Func<Task<T>> make)
    {
        lock (gate)
        {
            return task ??= make();
        }
    }
}
