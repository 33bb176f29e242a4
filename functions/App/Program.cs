using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Hosting;
using ServerlessSync.Composition;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Composition.Telemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
switch (SettingsReader.Read(builder.Configuration))
{
    case SettingsResult.Valid { Settings: var settings }:
        builder.Logging.AddSyncLogging(settings.Telemetry);
        builder.Services.AddSyncTelemetry(settings.Telemetry).UseFunctionsWorkerDefaults();
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddServerlessSync(settings, new HostParts { CreatesTables = isDevelopment, AllowsThisMachine = isDevelopment });
        await builder.Build().RunAsync();
        return 0;
    case var invalid:
        // The host shows this output of a worker, and stops restarting it after a few attempts.
        await Console.Error.WriteLineAsync(invalid.ToString());
        return 1;
}
