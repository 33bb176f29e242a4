namespace ServerlessSync.Core.Archives;

/// <summary>The parameters of a restore.</summary>
/// <param name="Name">The name in the catalogue; null for the archive's. An existing project keeps its name.</param>
/// <param name="WithAccess">
/// Whether to apply the archive's access list. Otherwise, an existing project keeps its own, and a new one belongs to
/// the administrator.
/// </param>
/// <param name="Replace">Whether an existing project may be replaced.</param>
/// <param name="Digest">The digest that the archive must have, in hexadecimal digits; null for any.</param>
public sealed record RestoreRequest(string? Name, bool WithAccess, bool Replace, string? Digest);
