using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessSync.Api.Users;
using ServerlessSync.Composition.Settings;

namespace ServerlessSync.Composition;

/// <summary>Warns at the start of the process when no person can sign in yet, once and not for each request.</summary>
internal sealed partial class SignInNotice(IUserAuthenticator users, ILogger<SignInNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (users is UnconfiguredUserAuthenticator)
        {
            LogMissing(NegotiateSettings.Missing);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "/api/negotiate and /api/projects answer 501. {Missing}")]
    private partial void LogMissing(string missing);
}
