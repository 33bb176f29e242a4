using ServerlessSync.Core.Coordination;
using ServerlessSync.Core.Engine.Publishing;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>Sends the datasets that are owed for changes which were refused and answered (decision 0006).</summary>
internal sealed class DebtDelivery(
    EngineDependencies services,
    SequencerOptions options,
    OutgoingQueue queue,
    DatasetDelivery delivery,
    DatasetDebts debts
)
{
    /// <summary>How long another engine is left alone with a debt at a time: its silence, its send, and its silence.</summary>
    private static readonly TimeSpan Deferral = TimeSpan.FromSeconds(2);

    /// <summary>After so many deferrals, longer than a lease time and a healthy engine's work, the other engine is taken for dead.</summary>
    private const int DeferralsMax = 4;

    private (HashSet<ConnectionId> Owed, HashSet<ConnectionId> Settling) debtors = ([], []);

    /// <summary>Schedules an owed dataset; one for however many refusals of a connection.</summary>
    public void Add(ChangeItem refused, TimeSpan untilLeaving)
    {
        if (queue.Of(refused.Origin.Connection).FirstOrDefault(static item => item.IsDebt) is { } open)
        {
            if (open.Phase == JoinPhase.CatchUp)
            {
                // It is out of the stream and idle: the next dataset can be sent at once.
                open.Phase = JoinPhase.Dataset;
                queue.AddDue(open);
            }

            return;
        }

        queue.Add(
            new JoinItem(refused.Origin, refused.EventTime, refused.Received, live: true)
            {
                IsDebt = true,
                NotBefore = services.Time.TimestampIn(untilLeaving),
            }
        );
    }

    /// <summary>Reads which connections are owed a dataset now.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken) => debtors = await debts.ReadAsync(cancellationToken);

    /// <summary>Schedules what other engines have left, when that was asked for.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!queue.LooksForDebts)
        {
            return;
        }

        await ReadAsync(cancellationToken);
        queue.LooksForDebts = false;
        foreach (var connection in debtors.Owed.Union(debtors.Settling).Where(connection => queue.Of(connection).Count == 0))
        {
            // Engines that are alive have served theirs by then.
            var origin = new Origin(string.Empty, connection, EventId: 0);
            queue.Add(
                new JoinItem(origin, services.Time.GetUtcNow(), services.Time.GetTimestamp(), live: true)
                {
                    IsDebt = true,
                    IsFound = true,
                    Deferrals = DeferralsMax,
                    NotBefore = services.Time.TimestampIn(options.Window.Max),
                }
            );
        }
    }

    /// <summary>Runs the next phase of an owed dataset, unless it is owed no more or another engine is sending it.</summary>
    public async Task<ProjectOutcome?> ServeAsync(JoinItem item, CancellationToken cancellationToken)
    {
        var connection = item.Origin.Connection;
        var isOwed = debtors.Owed.Contains(connection);
        var isSettling = debtors.Settling.Contains(connection);
        if (item.IsInDoubt)
        {
            return await CloseAsync(connection, Refusals.BrokenOff, cancellationToken);
        }

        if (!isOwed && !isSettling)
        {
            // Another engine has sent it, or its connection has gone elsewhere. A connection that we took out of the stream must be back.
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
            JoinPhase.Leave => await delivery.LeaveAsync(item, cancellationToken),

            // Refused again after the dataset: it is out of the stream and idle, so the next one is sent at once.
            JoinPhase.CatchUp when !isOwed => await delivery.CatchUpAsync(item, cancellationToken),
            _ => await delivery.SendDatasetAsync(item, cancellationToken),
        };

        // No client waits for an answer, and its page must know that it is out of date.
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
    /// Another engine has begun to send what is owed, and only it knows what the client has received. When that engine is dead, the client's
    /// socket is closed so that its page knows.
    /// </summary>
    private async Task<ProjectOutcome?> LeaveToOtherAsync(JoinItem item, CancellationToken cancellationToken)
    {
        if (item.Deferrals++ < DeferralsMax)
        {
            (item.Phase, item.NotBefore) = (JoinPhase.Leave, services.Time.TimestampIn(Deferral));
            return null;
        }

        return await CloseAsync(item.Origin.Connection, Refusals.BrokenOff, cancellationToken);
    }
}
