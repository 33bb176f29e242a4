using Microsoft.Extensions.Configuration;
using ServerlessSync.Composition.Settings;
using ServerlessSync.Core.Limits;

namespace ServerlessSync.Composition.Tests;

public sealed class Setting_limits
{
    [Fact]
    public void Unset_limits_have_their_defaults()
    {
        var options = Valid(new() { ["Sync:Limits:ConnectionResets"] = "5,0.05", ["Sync:Limits:Projects"] = "7", ["Sync:Limits:DelaySeconds"] = "0.5" });

        var defaults = new RateLimitOptions();
        Assert.Equal(new BucketRule(5, 0.05), options.Connection.Resets);
        Assert.Equal((7, TimeSpan.FromSeconds(0.5), true), (options.ProjectsMax, options.DelayMax, options.IsOn));
        Assert.Equal(defaults.Connection.Messages, options.Connection.Messages);
        Assert.Equal(defaults.User, options.User);
        Assert.False(Valid(new() { ["Sync:Limits:Enabled"] = "false" }).IsOn);
    }

    [Theory]
    [InlineData("ConnectionMessages")]
    [InlineData("ConnectionBytes")]
    [InlineData("ConnectionLoads")]
    [InlineData("ConnectionResets")]
    [InlineData("UserMessages")]
    [InlineData("UserBytes")]
    [InlineData("UserLoads")]
    [InlineData("UserResets")]
    [InlineData("Calls")]
    [InlineData("Exports")]
    [InlineData("Writes")]
    [InlineData("Creations")]
    [InlineData("ImportBytes")]
    [InlineData("FailedSignIns")]
    public void Each_bucket_is_set_by_its_own_name(string name)
    {
        var changed = Valid(new() { [$"Sync:Limits:{name}"] = "123,4.5" });

        var rule = new BucketRule(123, 4.5);
        Assert.Single(
            (BucketRule[])
                [
                    changed.Connection.Messages,
                    changed.Connection.Bytes,
                    changed.Connection.Loads,
                    changed.Connection.Resets,
                    changed.User.Messages,
                    changed.User.Bytes,
                    changed.User.Loads,
                    changed.User.Resets,
                    changed.Calls,
                    changed.Exports,
                    changed.Writes,
                    changed.Creations,
                    changed.Imports,
                    changed.FailedSignIns,
                ],
            bucket => bucket == rule
        );
    }

    [Theory]
    [InlineData("ConnectionMessages", "20")]
    [InlineData("ConnectionMessages", "0,1")]
    [InlineData("ConnectionMessages", "10,0")]
    [InlineData("ConnectionMessages", "10,-1")]
    [InlineData("ConnectionMessages", "10,1,1")]
    [InlineData("ConnectionMessages", "10/1")]
    [InlineData("ConnectionMessages", "10000000,0.1")]
    [InlineData("Projects", "0")]
    [InlineData("DelaySeconds", "11")]
    [InlineData("DelaySeconds", "NaN")]
    public void A_value_that_cannot_be_used_is_named_and_nothing_starts(string name, string value)
    {
        var problem = Assert.Single(Assert.IsType<SettingsResult.Invalid>(Read(new() { [$"Sync:Limits:{name}"] = value })).Problems);

        Assert.StartsWith($"Sync__Limits__{name} is '", problem.Replace($"{name} is {value}", $"{name} is '{value}", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static RateLimitOptions Valid(Dictionary<string, string?> limits) =>
        Assert.IsType<SettingsResult.Valid>(Read(limits)).Settings.Limits.Options;

    private static SettingsResult Read(Dictionary<string, string?> limits) =>
        SettingsReader.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    [
                        new("Sync:Tables:ConnectionString", "UseDevelopmentStorage=true"),
                        new("Sync:WebPubSub:ConnectionString", "Endpoint=http://127.0.0.1:8080;AccessKey=serverless-sync-local-development-key;Version=1.0;"),
                    ]
                )
                .AddInMemoryCollection(limits)
                .Build()
        );
}
