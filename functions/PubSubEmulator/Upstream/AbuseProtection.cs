namespace ServerlessSync.PubSubEmulator.Upstream;

/// <summary>
/// Asks an upstream for permission to send it events, as CloudEvents webhooks require: OPTIONS with
/// <c>WebHook-Request-Origin</c>, repeated as GET after a 404, answered by 2xx and <c>WebHook-Allowed-Origin</c>. The first
/// event waits for the answer. A permission is renewed every 60 s in the background; after a refusal, the next request
/// waits 1 s, doubled up to 60 s (all measured).
/// </summary>
internal sealed class AbuseProtection(HttpClient http, Uri url, string originHost, TimeProvider time, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RecheckAfter = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BackOffMin = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private readonly CancellationTokenSource disposed = new();
    private Verdict? last;
    private int rechecking;

    private sealed record Verdict(bool IsAllowed, long AskedAt, TimeSpan ValidFor);

    /// <summary>Whether events may be sent now.</summary>
    public async ValueTask<bool> IsAllowedAsync(CancellationToken cancellationToken)
    {
        if (last is { IsAllowed: true } good)
        {
            if (IsDue(good) && Interlocked.Exchange(ref rechecking, 1) == 0)
            {
                _ = RecheckAsync(good);
            }

            return true;
        }

        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var verdict = last;
            if (verdict is null || IsDue(verdict))
            {
                last = verdict = await AskAsync(verdict, cancellationToken);
            }

            return verdict.IsAllowed;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed.Cancel();
        disposed.Dispose();
        oneAtATime.Dispose();
    }

    private bool IsDue(Verdict verdict) => time.GetElapsedTime(verdict.AskedAt) >= verdict.ValidFor;

    private async Task RecheckAsync(Verdict before)
    {
        try
        {
            last = await AskAsync(before, disposed.Token);
        }
        catch (OperationCanceledException)
        {
            // The process ends, so the verdict is no longer needed.
        }
        finally
        {
            Volatile.Write(ref rechecking, 0);
        }
    }

    private async Task<Verdict> AskAsync(Verdict? before, CancellationToken cancellationToken)
    {
        var problem = await FindProblemAsync(cancellationToken);
        if (problem is null)
        {
            return new Verdict(IsAllowed: true, time.GetTimestamp(), RecheckAfter);
        }

        PubSubLog.AbuseProtectionFailed(logger, url, problem);
        var backOff = before is { IsAllowed: false } ? before.ValidFor * 2 : BackOffMin;
        return new Verdict(IsAllowed: false, time.GetTimestamp(), backOff < RecheckAfter ? backOff : RecheckAfter);
    }

    private async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var (status, allowed) = await AskOnceAsync(HttpMethod.Options, either.Token);
            if (status == StatusCodes.Status404NotFound)
            {
                (status, allowed) = await AskOnceAsync(HttpMethod.Get, either.Token);
            }

            return status is < 200 or > 299 ? $"status {status}"
                : allowed.Contains("*", StringComparer.Ordinal)
                || allowed.Contains(originHost, StringComparer.OrdinalIgnoreCase)
                    ? null
                : $"WebHook-Allowed-Origin is '{string.Join(',', allowed)}', which does not include {originHost}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {AnswerWithin}";
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private async Task<(int Status, string[] Allowed)> AskOnceAsync(
        HttpMethod method,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.TryAddWithoutValidation("WebHook-Request-Origin", originHost);
        request.Headers.TryAddWithoutValidation("ce-awpsversion", "1.0");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var allowed = response.Headers.TryGetValues("WebHook-Allowed-Origin", out var values)
            ? values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries))
            : [];
        return ((int)response.StatusCode, [.. allowed]);
    }
}
