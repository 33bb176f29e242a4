namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>The response to a successful call, in memory, so that it outlives its connection.</summary>
internal readonly record struct RestAnswer(int Status, BinaryData Body);
