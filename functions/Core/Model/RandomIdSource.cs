using System.Security.Cryptography;

namespace ServerlessSync.Core.Model;

/// <summary>Names and jitter from the system's random generator.</summary>
public sealed class RandomIdSource : IIdSource
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Characters of a name: 20 of 36 letters and digits are 103 random bits.</summary>
    private const int Length = 20;

    /// <inheritdoc/>
    public string NewId() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <inheritdoc/>
    public double NextDouble() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
