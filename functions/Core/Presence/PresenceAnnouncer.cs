using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Presence;

/// <summary>
/// Sends the scope's group notices of changes and the list. A failed send does not undo what was stored.
/// </summary>
internal sealed class PresenceAnnouncer(
    IClientGateway gateway,
    IDialect dialect,
    PresenceScope scope,
    IPresenceObserver observer
)
{
    /// <summary>Sends <c>logout</c> and <c>join</c> of each change to the other members.</summary>
    public async Task NotifyAsync(IReadOnlyList<PresenceChange> changes)
    {
        foreach (var chunk in changes.Chunk(PresenceLimits.ParallelMax))
        {
            await Task.WhenAll(chunk.Select(NotifyAsync));
        }
    }

    /// <summary>Sends the list to all members. False when the gateway failed.</summary>
    /// <param name="rows">The connections.</param>
    /// <param name="isCut">Whether there are more connections than <paramref name="rows"/>.</param>
    public async Task<bool> ListAsync(IEnumerable<PresenceRow> rows, bool isCut)
    {
        var names = rows.OrderBy(row => row.Entered)
            .ThenBy(row => row.Connection.Value, StringComparer.Ordinal)
            .Select(row => row.UserName)
            .ToList();
        var (frame, listed) = Write(names);
        try
        {
            await gateway.SendToGroupAsync(scope.Group, frame, Audience.All, CancellationToken.None);
        }
        catch (GatewayException exception)
        {
            observer.ListFailed(scope, exception);
            return false;
        }

        observer.ListSent(scope, listed, isCut || listed < names.Count);
        return true;
    }

    private async Task NotifyAsync(PresenceChange change)
    {
        if (change.Left is { } left)
        {
            await NotifyAsync(left.Connection, new ServerMessage.Left(left.UserName));
        }

        if (change.Entered is { } entered)
        {
            await NotifyAsync(entered.Connection, new ServerMessage.Joined(entered.UserName));
        }
    }

    private async Task NotifyAsync(ConnectionId about, ServerMessage message)
    {
        try
        {
            await gateway.SendToGroupAsync(
                scope.Group,
                dialect.Write(message),
                new Audience.Except([about]),
                CancellationToken.None
            );
        }
        catch (GatewayException exception)
        {
            observer.NoticeFailed(scope, about, exception);
        }
    }

    /// <summary>
    /// The longest list of whole names that fits. JSON escapes change the size of names, so the frame itself is
    /// measured.
    /// </summary>
    private (byte[] Frame, int Listed) Write(List<string> names)
    {
        var frame = dialect.Write(new ServerMessage.Users(names));
        if (frame.Length <= PresenceLimits.ListBytesMax)
        {
            return (frame, names.Count);
        }

        var (fits, tooMany) = (0, names.Count);
        while (fits + 1 < tooMany)
        {
            var middle = (fits + tooMany) / 2;
            var size = dialect.Write(new ServerMessage.Users(names[..middle])).Length;
            (fits, tooMany) = size <= PresenceLimits.ListBytesMax ? (middle, tooMany) : (fits, middle);
        }

        return (dialect.Write(new ServerMessage.Users(names[..fits])), fits);
    }
}
