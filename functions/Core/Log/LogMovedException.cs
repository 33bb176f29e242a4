using ServerlessSync.Core.Storage;

namespace ServerlessSync.Core.Log;

/// <summary>The commits that were to be read were removed for their age: whoever needs them has stood still for long, and must load anew.</summary>
internal sealed class LogMovedException(string message, Exception? innerException)
    : StorageException(message, outcomeUnknown: false, innerException);
