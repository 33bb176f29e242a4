using ServerlessSync.Core.Engine;
using ServerlessSync.Tables.Azure;
using ServerlessSync.WebPubSub.Gateway;

namespace ServerlessSync.Composition.Tests;

/// <summary>Time-outs of three libraries that have to match: an engine that outlasts its lease is considered dead.</summary>
public sealed class Keeping_within_the_lease
{
    private static readonly SequencerOptions Sequencing = new();

    [Fact]
    public void The_renewal_of_a_lease_ends_before_the_lease_does() =>
        Assert.True(Sequencing.LeaseRenewal + AzureTableOptions.DefaultTimeout < Sequencing.LeaseTime);

    [Fact]
    public void A_send_is_given_up_before_half_of_the_lease() =>
        Assert.True(2 * DataPlaneOptions.NetworkTimeout < Sequencing.LeaseTime);
}
