namespace ServerlessSync.FunctionsHost.Tests;

/// <summary>What the compiled app tells a host of itself.</summary>
public sealed class Loading_the_functions(App app)
{
    /// <summary>The addresses that <c>infra</c> names to the hub, the health check and Easy Auth, and <c>docs/security.md</c> in its table.</summary>
    [Fact]
    public async Task Every_function_is_loaded_and_has_the_address_that_infra_and_the_documents_state()
    {
        var host = await app.HostAsync();
        var http = host.Functions.Where(static function => function.Route is not null);

        Assert.Equal(
            ["eventhandler/{event}: OPTIONS POST", "health: GET OPTIONS", "negotiate: GET OPTIONS POST", "projects/{*path}: DELETE GET OPTIONS POST PUT"],
            http.Select(static function => $"{function.Route}: {string.Join(' ', function.Methods.Order(StringComparer.Ordinal))}")
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal("/api/", host.Url.AbsolutePath);
    }

    [Fact]
    public async Task Upkeep_is_due_every_minute()
    {
        var host = await app.HostAsync();
        var timer = Assert.Single(host.Functions, static function => function.Schedule is not null);

        Assert.Equal(("upkeep", "0 * * * * *"), (timer.Name, timer.Schedule));
    }

    [Theory]
    [InlineData("Sync__Tables__ConnectionString", "Set either Sync__Tables__Endpoint or Sync__Tables__ConnectionString")]
    [InlineData("Sync__WebPubSub__ConnectionString", "Set either Sync__WebPubSub__Endpoint or Sync__WebPubSub__ConnectionString")]
    public async Task Without_a_setting_that_it_needs_the_process_ends_and_names_it(string missing, string named)
    {
        var settings = App.Settings("UseDevelopmentStorage=true", without: missing);

        var failure = await Assert.ThrowsAsync<WorkerHostException>(() =>
            WorkerHost.StartAsync(new WorkerHostOptions { Settings = settings }, TestContext.Current.CancellationToken)
        );

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, failure.ExitCode);
    }
}
