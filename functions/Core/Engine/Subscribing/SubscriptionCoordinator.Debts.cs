using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <content>Datasets that are owed for changes which were refused and answered (decision 0006).</content>
internal sealed partial class SubscriptionCoordinator
{
    /// <summary>How long another engine is left alone with a debt at a time: its silence, its send, and its silence.</summary>
    private static readonly TimeSpan Deferral = TimeSpan.FromSeconds(2);

    /// <summary>After so many deferrals, longer than a lease time and a healthy engine's work, the other engine is taken for dead.</summary>
    private const int DeferralsMax = 4;

    /// <summary>Whether a dataset is owed that this engine is to send.</summary>
    public bool HasDebts => waiting.Exists(static item => item.IsDebt) || underWay.Exists(static item => item.IsDebt) || debts.HasSettled || looksForDebts;

    /// <summary>Looks at the service for what other engines may have left.</summary>
    public void LookForDebts() => looksForDebts = true;

    /// <summary>Has a connection sent the dataset that it is owed; one for however many refusals.</summary>
    /// <param name="refused">The change that was refused.</param>
    /// <param name="untilLeaving">How long until the silence before the dataset begins.</param>
    public void AddDebt(ChangeItem refused, TimeSpan untilLeaving)
    {
        if (waiting.Find(item => item.IsDebt && item.Origin.Connection == refused.Origin.Connection) is { } open)
        {
            if (open.Phase == JoinPhase.CatchUp)
            {
                // It is out of the stream and idle: the next dataset can go out at once.
                (open.Phase, open.NotBefore) = (JoinPhase.Dataset, 0);
            }

            return;
        }

        waiting.Add(
            new JoinItem(refused.Origin, refused.EventTime, refused.Received, live: true)
            {
                IsDebt = true,
                IsMarked = true,
                NotBefore = TimestampIn(untilLeaving),
            }
        );
    }

    private async Task LookForDebtsAsync(CancellationToken cancellationToken)
    {
        if (!looksForDebts)
        {
            return;
        }

        var (owed, settling) = await debts.ReadAsync(cancellationToken);
        looksForDebts = false;
        foreach (var connection in owed.Union(settling).Where(connection => !waiting.Exists(item => item.Origin.Connection == connection)))
        {
            // Engines that are alive have served theirs by then.
            var origin = new Origin(string.Empty, connection, EventId: 0);
            waiting.Add(
                new JoinItem(origin, services.Time.GetUtcNow(), services.Time.GetTimestamp(), live: true)
                {
                    IsDebt = true,
                    IsFound = true,
                    IsMarked = true,
                    Deferrals = DeferralsMax,
                    NotBefore = TimestampIn(options.Window.Max),
                }
            );
        }
    }

    /// <summary>One phase of an owed dataset, unless it is owed no more or another engine is about it.</summary>
    private async Task<ProjectOutcome?> ServeDebtAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var connection = item.Origin.Connection;
        var isOwed = indebted.Owed.Contains(connection);
        var isSettling = indebted.Settling.Contains(connection);
        if (item.IsInDoubt)
        {
            return await CloseAsync(connection, Refusals.BrokenOff, cancellationToken);
        }

        if (!isOwed && !isSettling)
        {
            // Another engine has sent it, or its connection has gone elsewhere. Whom we took out of the stream must be back in it.
            return item.HasLeft && !await debts.IsInStreamAsync(connection, cancellationToken)
                ? await CloseAsync(connection, Refusals.BrokenOff, cancellationToken)
                : new ProjectOutcome.Gone();
        }

        if (isSettling && !item.IsSettling)
        {
            return await LeaveToOtherAsync(item, cancellationToken);
        }

        item.HasLeft = true;
        var outcome = item.Phase switch
        {
            JoinPhase.Leave => await LeaveAsync(item, cancellationToken),

            // Refused again after the dataset: it is out of the stream and idle, so the next one goes out at once.
            JoinPhase.CatchUp when !isOwed => await CatchUpAsync(item, cancellationToken),
            _ => await SendDatasetAsync(item, cancellationToken),
        };

        // Nobody waits who could be told, and its page must know that it is out of date.
        return outcome is ProjectOutcome.TooLarge
            ? await CloseAsync(connection, StreamPublisher.DatasetTooLarge, cancellationToken)
            : outcome;
    }

    private async Task<ProjectOutcome> CloseAsync(ConnectionId connection, string reason, CancellationToken cancellationToken)
    {
        await services.Gateway.CloseConnectionAsync(connection, reason, cancellationToken);
        return new ProjectOutcome.Gone();
    }

    /// <summary>
    /// Another engine has begun to send what is owed. Only that engine knows what its client has got by now, so when it is dead the page
    /// is told by the end of its socket.
    /// </summary>
    private async Task<ProjectOutcome?> LeaveToOtherAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.Deferrals++ < DeferralsMax)
        {
            (item.Phase, item.NotBefore) = (JoinPhase.Leave, TimestampIn(Deferral));
            return null;
        }

        return await CloseAsync(item.Origin.Connection, Refusals.BrokenOff, cancellationToken);
    }

    private void DropDebts(ConnectionId connection)
    {
        bool IsDropped(JoinItem item) => item.IsDebt && item.Origin.Connection == connection;
        waiting.RemoveAll(IsDropped);
        underWay.RemoveAll(IsDropped);
        unconfirmed.RemoveAll(done => IsDropped(done.Item));
        debts.Forget(connection);
    }

    private long TimestampIn(TimeSpan time) =>
        services.Time.GetTimestamp() + (long)(Math.Max(0, time.TotalSeconds) * services.Time.TimestampFrequency);
}
