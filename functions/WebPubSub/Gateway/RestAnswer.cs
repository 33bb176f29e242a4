namespace ServerlessSync.WebPubSub.Gateway;

/// <summary>
/// What the data plane answered to a call that it did, in memory: it outlives the connection it came by.
/// </summary>
internal readonly record struct RestAnswer(int Status, BinaryData Body);
