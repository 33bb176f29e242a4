namespace ServerlessSync.Benchmarks.Load;

/// <summary>The server did not let a client get as far as to send changes.</summary>
internal sealed class LoadException(string message) : Exception(message);
