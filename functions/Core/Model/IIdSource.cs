namespace ServerlessSync.Core.Model;

/// <summary>The source of random names and numbers. Injected, so that a seed reproduces a simulated run.</summary>
public interface IIdSource
{
    /// <summary>A globally unique name: lower-case letters and digits with at least 96 random bits.</summary>
    string NewId();

    /// <summary>A number in [0, 1), for jitter.</summary>
    double NextDouble();
}
