using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>
/// Accepts a caller that any of several checks accepts, for the time in which a deployment changes its lock.
/// </summary>
public sealed class CompositeCallerAuthenticator : ICallerAuthenticator
{
    private readonly ICallerAuthenticator[] authenticators;

    /// <summary>Asks <paramref name="authenticators"/> in their order.</summary>
    /// <exception cref="ArgumentException">There is none: nobody could ever be accepted.</exception>
    public CompositeCallerAuthenticator(IReadOnlyCollection<ICallerAuthenticator> authenticators)
    {
        ArgumentNullException.ThrowIfNull(authenticators);
        if (authenticators.Count == 0)
        {
            throw new ArgumentException("There is no check of the caller.", nameof(authenticators));
        }

        this.authenticators = [.. authenticators];
    }

    /// <inheritdoc/>
    public async ValueTask<CallerVerdict> AuthenticateAsync(
        IHeaderDictionary headers,
        CancellationToken cancellationToken
    )
    {
        CallerVerdict.Unavailable? unavailable = null;
        var reasons = new List<string>();
        foreach (var authenticator in authenticators)
        {
            switch (await authenticator.AuthenticateAsync(headers, cancellationToken))
            {
                case CallerVerdict.Accepted accepted:
                    return accepted;
                case CallerVerdict.Unavailable verdict:
                    unavailable ??= verdict;
                    break;
                case CallerVerdict.Refused refused:
                    reasons.Add(refused.Reason);
                    break;
            }
        }

        // Who could not be judged might have been accepted, and a refusal costs a client its connection.
        return unavailable ?? (CallerVerdict)new CallerVerdict.Refused(string.Join("; ", reasons));
    }
}
