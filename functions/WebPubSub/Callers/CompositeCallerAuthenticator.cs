using Microsoft.AspNetCore.Http;

namespace ServerlessSync.WebPubSub.Callers;

/// <summary>
/// Accepts a caller that any of several authenticators accepts, for the time in which a deployment changes its credentials.
/// </summary>
public sealed class CompositeCallerAuthenticator : ICallerAuthenticator
{
    private readonly ICallerAuthenticator[] authenticators;

    /// <summary>Tries <paramref name="authenticators"/> in order.</summary>
    /// <exception cref="ArgumentException">There is none, so no caller could ever be accepted.</exception>
    public CompositeCallerAuthenticator(IReadOnlyCollection<ICallerAuthenticator> authenticators)
    {
        ArgumentNullException.ThrowIfNull(authenticators);
        if (authenticators.Count == 0)
        {
            throw new ArgumentException("At least one authenticator is required.", nameof(authenticators));
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

        // An undecided check might have accepted the caller, and a refusal would cost a client its connection.
        return unavailable ?? (CallerVerdict)new CallerVerdict.Refused(string.Join("; ", reasons));
    }
}
