using ServerlessSync.Core.Engine.Committing;

namespace ServerlessSync.Core.Engine.Subscribing;

/// <summary>What is known about the dataset that the author of a change works on.</summary>
/// <param name="Stated">The revision that the change itself names; exact. Null for clients that name none.</param>
/// <param name="Sent">The revision of the last dataset that the connection asked for or was healed with.</param>
/// <param name="Made">When the change came in (<see cref="EditWindow.MadeAt"/>).</param>
/// <param name="Pause">The time in which changes of the connection are refused; null when there is none.</param>
public sealed record ClientDatasetState(long? Stated, long Sent, DateTimeOffset Made, EditPause? Pause);
