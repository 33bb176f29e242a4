using ServerlessSync.Api.Users;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Composition;

/// <summary>The parts that a host supplies in place of those that the settings choose. All null in Azure.</summary>
public sealed record HostParts
{
    /// <summary>A store that the host opened and disposes of; null for the tables in the settings.</summary>
    public ITableStore? Store { get; init; }

    /// <summary>The gateway to clients; null for the REST API of the Web PubSub resource in the settings.</summary>
    public IClientGateway? Gateway { get; init; }

    /// <summary>Authenticates HTTP requests; null for the OpenID Connect provider in the settings.</summary>
    public IUserAuthenticator? Users { get; init; }

    /// <summary>
    /// The gate that limits concurrent loads, shared by the instances of a process; null for a gate of the instance's own.
    /// </summary>
    public LoadingGate? Loading { get; init; }

    /// <summary>
    /// Whether to create the tables, and the container of scheduled archives, on start. In Azure the deployment creates them; an
    /// emulator starts empty.
    /// </summary>
    public bool CreatesTables { get; init; }

    /// <summary>
    /// Whether pages of this machine, on any port, may connect and call the API without being listed. For a developer's machine
    /// only.
    /// </summary>
    public bool AllowsThisMachine { get; init; }
}
