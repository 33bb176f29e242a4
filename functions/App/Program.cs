using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using ServerlessSync.App;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// Read before anything listens: with incomplete settings the process ends here and says which.
builder.Services.AddServerlessSync(AppSettings.Read(builder.Configuration), builder.Environment.IsDevelopment());

await builder.Build().RunAsync();
