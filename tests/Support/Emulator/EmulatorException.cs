namespace ServerlessSync.Support.Emulator;

/// <summary>The emulator cannot be had on this machine.</summary>
public sealed class EmulatorException(string message, Exception? innerException = null)
    : Exception(message, innerException);
