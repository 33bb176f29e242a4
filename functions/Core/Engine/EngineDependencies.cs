using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Engine;

/// <summary>Everything that the engine needs from outside.</summary>
/// <param name="Store">Where projects are kept.</param>
/// <param name="Gateway">How clients are reached.</param>
/// <param name="Dialect">The clients' language.</param>
/// <param name="Time">Clock and timers.</param>
/// <param name="Ids">Random names and jitter.</param>
/// <param name="Observer">Gets notifications of what happens.</param>
public sealed record EngineDependencies(
    ITableStore Store,
    IClientGateway Gateway,
    IDialect Dialect,
    TimeProvider Time,
    IIdSource Ids,
    ISyncObserver Observer
);
