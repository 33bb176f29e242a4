namespace ServerlessSync.FunctionsHost.Rpc;

/// <summary>What became of something that the worker was asked to do.</summary>
internal sealed partial class StatusResult
{
    /// <param name="what">What was to be done, as in "The worker did not …".</param>
    /// <exception cref="WorkerHostException">It was not done.</exception>
    public void ThrowIfFailed(string what)
    {
        if (Status is not Types.Status.Success)
        {
            throw new WorkerHostException($"The worker did not {what}: {Exception?.Message ?? Status.ToString()}");
        }
    }
}
