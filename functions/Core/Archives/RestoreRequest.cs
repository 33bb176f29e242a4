namespace ServerlessSync.Core.Archives;

/// <summary>How an archive is to be restored.</summary>
/// <param name="Name">The name in the catalogue; null for the archive's. A project that is there keeps the one it has.</param>
/// <param name="WithAccess">Whether the archive's access list is applied. Otherwise a project that is there keeps its own, and any other belongs to the administrator.</param>
/// <param name="Replace">Whether a project that is there may be replaced.</param>
/// <param name="Digest">The digest that the archive must have, in hexadecimal digits; null for any.</param>
public sealed record RestoreRequest(string? Name, bool WithAccess, bool Replace, string? Digest);
