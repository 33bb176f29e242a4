using Azure.Identity;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Hosting;
using ServerlessSync.App;
using ServerlessSync.Hosting.Telemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// Read before anything listens: with incomplete settings the process ends here and says which.
builder.Services.AddServerlessSync(AppSettings.Read(builder.Configuration), builder.Environment.IsDevelopment());

// In Azure Application Insights takes no keys, so that the same identity sends to it that reads the tables.
var telemetry = new TelemetryOptions(
    builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"],
    new DefaultAzureCredential(),
    HasOtlpEndpoint: builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }
);
builder.Services.AddSyncTelemetry(telemetry).UseFunctionsWorkerDefaults();

await builder.Build().RunAsync();
