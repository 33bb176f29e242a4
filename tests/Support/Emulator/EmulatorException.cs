namespace ServerlessSync.Support.Emulator;

/// <summary>The emulator is not available on this machine.</summary>
public sealed class EmulatorException(string message, Exception? innerException = null)
    : Exception(message, innerException);
