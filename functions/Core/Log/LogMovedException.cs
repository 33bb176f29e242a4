using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>
/// The requested commits were removed because of their age. A reader that is this far behind must reload the state.
/// </summary>
internal sealed class LogMovedException(string message, Exception? innerException)
    : StorageException(message, outcomeUnknown: false, innerException);
