namespace ServerlessSync.Core.Archives;

/// <summary>An archive cannot be read. The message names the part and what is wrong with it.</summary>
internal sealed class ArchiveException(string message) : Exception(message);
