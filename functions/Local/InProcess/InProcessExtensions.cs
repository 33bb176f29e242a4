using Microsoft.Extensions.DependencyInjection.Extensions;
using ServerlessSync.Core.Model;
using ServerlessSync.PubSubEmulator.Upstream;

namespace ServerlessSync.Local.InProcess;

/// <summary>Connects the Web PubSub emulator and event handlers of one process, without HTTP between them.</summary>
public static class InProcessExtensions
{
    /// <summary>
    /// Registers <see cref="InProcessGateway"/>, and delivers events to all registered <see cref="IEventHandler"/>s in turn; without any, nowhere. To be called
    /// before the emulator is registered, which else delivers nowhere.
    /// </summary>
    public static IServiceCollection AddInProcessDelivery(this IServiceCollection services)
    {
        services.TryAddSingleton<InProcessGateway>();
        services.TryAddSingleton(CreateUpstream);
        return services;
    }

    private static IUpstream CreateUpstream(IServiceProvider services)
    {
        IReadOnlyList<IEventHandler> handlers = [.. services.GetServices<IEventHandler>()];
        return handlers.Count == 0
            ? new NoUpstream()
            : new InProcessUpstream(handlers, services.GetRequiredService<ILogger<InProcessUpstream>>());
    }
}
