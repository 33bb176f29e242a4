namespace ServerlessSync.Core.Model;

/// <summary>Where random names and numbers come from; injected so that one seed decides a simulated run.</summary>
public interface IIdSource
{
    /// <summary>A name that no other process makes: lower-case letters and digits, at least 96 random bits.</summary>
    string NewId();

    /// <summary>A number in [0, 1), for jitter.</summary>
    double NextDouble();
}
