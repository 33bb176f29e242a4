namespace ServerlessSync.Benchmarks.Load;

/// <summary>A client could not get as far as sending changes.</summary>
internal sealed class LoadException(string message) : Exception(message);
