using ServerlessSync.Core.Model;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Tests.Presence;

/// <summary>Records what presence reports to its observer.</summary>
internal sealed class RecordingPresenceObserver : IPresenceObserver
{
    public List<string> Heard { get; } = [];

    public bool Has(string heard) => Heard.Contains(heard, StringComparer.Ordinal);

    public void ListSent(PresenceScope scope, int listed, bool cut) => Heard.Add($"list {listed}{(cut ? " cut" : "")}");

    public void NoticeFailed(PresenceScope scope, ConnectionId connection, GatewayException exception) =>
        Heard.Add($"notice failed {connection}");

    public void ListFailed(PresenceScope scope, GatewayException exception) => Heard.Add("list failed");

    public void StorageFailed(PresenceScope scope, StorageException exception) => Heard.Add("storage failed");

    public void LeaseTakenOver(PresenceScope scope, long term) => Heard.Add("taken over");

    public void Removed(PresenceScope scope, ConnectionId connection, string userName) =>
        Heard.Add($"removed {userName}");
}
