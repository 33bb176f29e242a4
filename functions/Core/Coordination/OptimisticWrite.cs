using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Coordination;

/// <summary>
/// Repeats "read, decide, write if unchanged" until the write wins its race or the attempts are used up.
/// </summary>
/// <param name="attemptsMax">Attempts, at least 1.</param>
/// <param name="pauses">How long to wait between two attempts; null where few callers compete for a row.</param>
internal sealed class OptimisticWrite(int attemptsMax = OptimisticWrite.AttemptsDefault, RetryPauses? pauses = null)
{
    /// <summary>
    /// As many concurrent callers of one row as a deployment usually has instances: each loses to every other one once.
    /// </summary>
    public const int AttemptsDefault = 8;

    /// <summary>Runs attempts until one completes. False when all were lost.</summary>
    /// <param name="attempt">One attempt: true when it has written or has found nothing to write, false when another caller wrote first.</param>
    /// <param name="cancellationToken">Cancels the pauses.</param>
    public async Task<bool> TryAsync(Func<Task<bool>> attempt, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            if (await attempt())
            {
                return true;
            }

            if (number >= attemptsMax)
            {
                return false;
            }

            if (pauses is not null)
            {
                await pauses.WaitAsync(number, cancellationToken);
            }
        }
    }

    /// <summary>Runs attempts until one completes.</summary>
    /// <param name="what">The subject of the error, such as <c>The deletion of project 1</c>.</param>
    /// <param name="attempt">As for <see cref="TryAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the pauses.</param>
    /// <exception cref="StorageException">Every attempt was lost.</exception>
    public async Task RunAsync(string what, Func<Task<bool>> attempt, CancellationToken cancellationToken)
    {
        if (!await TryAsync(attempt, cancellationToken))
        {
            throw new StorageException($"{what} lost {attemptsMax} races.", outcomeUnknown: false);
        }
    }
}
