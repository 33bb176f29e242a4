using ServerlessSync.Api.Users;
using ServerlessSync.Core.Memory;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Composition;

/// <summary>What a host supplies in place of the parts that the settings choose. All null in Azure.</summary>
public sealed record HostParts
{
    /// <summary>A store that the host opened and disposes of; null for the tables of the settings.</summary>
    public ITableStore? Store { get; init; }

    /// <summary>The way to clients; null for the REST API of the settings' Web PubSub resource.</summary>
    public IClientGateway? Gateway { get; init; }

    /// <summary>Who makes a request; null for the OpenID Connect provider of the settings.</summary>
    public IUserAuthenticator? Users { get; init; }

    /// <summary>Through which projects are loaded, when several instances share the memory of a process; null for a gate of its own.</summary>
    public LoadingGate? Loading { get; init; }

    /// <summary>Whether the tables, and the container of scheduled archives, are created at the start. In Azure the deployment does that; an emulator begins empty.</summary>
    public bool CreatesTables { get; init; }
}
