namespace ServerlessSync.FunctionsHost.Rpc;

/// <summary>The outcome of a request to the worker.</summary>
internal sealed partial class StatusResult
{
    /// <param name="what">What was requested, as in "The worker did not …".</param>
    /// <exception cref="WorkerHostException">The request failed.</exception>
    public void ThrowIfFailed(string what)
    {
        if (Status is not Types.Status.Success)
        {
            throw new WorkerHostException($"The worker did not {what}: {Exception?.Message ?? Status.ToString()}");
        }
    }
}
