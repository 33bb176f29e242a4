namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Why a request is no event for us, and the status that says so.</summary>
internal sealed record EventProblem(int Status, string Message);
