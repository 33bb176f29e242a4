using ServerlessSync.Infra.Tests;

[assembly: AssemblyFixture(typeof(Templates))]
