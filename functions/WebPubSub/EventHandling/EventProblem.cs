namespace ServerlessSync.WebPubSub.EventHandling;

/// <summary>Why a request is not a valid event, and the status to answer with.</summary>
internal sealed record EventProblem(int Status, string Message);
