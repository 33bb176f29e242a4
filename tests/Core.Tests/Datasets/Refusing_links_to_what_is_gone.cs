using System.Text;
using ServerlessSync.Core.Datasets.Records;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Refusing_links_to_what_is_gone
{
    private const string Project =
        """{"tasks":[{"id":"t1"},{"id":"t2"}],"resources":[{"id":"r1"},{"id":"r2"},{"id":7}],"calendars":[{"id":"c1"}],"assignments":[{"id":"a1","event":"t1","resource":"r2"}]}""";

    private const string RemoveR1 = """{"resources":{"removed":[{"id":"r1"}],"$input":{"removed":[{"id":"r1"}]}}}""";

    [Theory]
    [InlineData("""{"assignments":{"added":[{"$PhantomId":"p","event":"t1","resource":"r1"}],"$input":{"added":[{"$PhantomId":"p","event":"t1","resource":"r1"}]}}}""")]
    [InlineData("""{"assignments":{"$input":{"added":[{"$PhantomId":"p","eventId":"t1","resourceId":"r1"}]}}}""")]
    [InlineData("""{"assignments":{"$input":{"added":[{"$PhantomId":"p","event":"t1","resource":{"id":"r1"}}]}}}""")]
    [InlineData("""{"assignments":{"updated":[{"id":"a1","resource":"r1"}],"$input":{"updated":[{"id":"a1","resource":"r1"}]}}}""")]
    public void A_user_who_assigns_a_removed_resource_is_refused_by_name(string change)
    {
        var dataset = Load(Project);
        Assert.IsType<ChangeDecision.Accepted>(Decide(dataset, change));
        dataset.Submit(RemoveR1, 1);

        var refused = Assert.IsType<ChangeDecision.Refused>(Decide(dataset, change));
        Assert.Equal("assignments: \"r1\" of resources, which a record links to, was removed", refused.Reason);
    }

    [Theory]
    [InlineData("""{"assignments":{"updated":[{"id":"a1","resource":"r1"}]}}""")]
    [InlineData("""{"assignments":{"updated":[{"id":"a1","resource":"r1"}],"$input":{}}}""")]
    [InlineData("""{"assignments":{"$input":{"added":[{"$PhantomId":"p","event":"t1","resource":"never there"}]}}}""")]
    [InlineData("""{"assignments":{"$input":{"added":[{"$PhantomId":"p","event":"t1","resource":null}]}}}""")]
    [InlineData("""{"assignments":{"$input":{"added":[{"$PhantomId":"p","event":"t1","resource":"r2"}]}}}""")]
    [InlineData("""{"resources":{"$input":{"added":[{"$PhantomId":"r1"}]}},"assignments":{"$input":{"added":[{"$PhantomId":"p","event":"t1","resource":"r1"}]}}}""")]
    public void What_no_user_did_and_what_comes_back_together_with_its_resource_is_taken(string change)
    {
        var dataset = Load(Project);
        dataset.Submit(RemoveR1, 1);

        Assert.IsType<ChangeDecision.Accepted>(Decide(dataset, change));
    }

    [Theory]
    [InlineData("""{"assignments":{"$input":{"added":[{"$PhantomId":"p","event":"t2","resource":"r1"}]}}}""")]
    [InlineData("""{"dependencies":{"$input":{"added":[{"$PhantomId":"p","from":"t1","to":"t2"}]}}}""")]
    [InlineData("""{"tasks":{"$input":{"added":[{"$PhantomId":"p","parentId":"t2"}]}}}""")]
    [InlineData("""{"tasks":{"$input":{"updated":[{"id":"t1","calendar":"c1"}]}}}""")]
    public void Pairs_that_clients_bear_are_taken(string change)
    {
        var dataset = Load(Project);
        dataset.Submit("""{"tasks":{"$input":{"removed":[{"id":"t2"}]},"removed":[{"id":"t2"}]},"calendars":{"removed":[{"id":"c1"}],"$input":{"removed":[{"id":"c1"}]}}}""", 1);

        Assert.IsType<ChangeDecision.Accepted>(Decide(dataset, change));
    }

    [Fact]
    public void The_resolution_of_a_conflict_is_never_refused()
    {
        var dataset = Load(Project);
        dataset.Submit(RemoveR1, 1);
        const string change = """{"assignments":{"$input":{"updated":[{"id":"a1","resource":"r1"}]}}}""";

        Assert.IsType<ChangeDecision.Refused>(Decide(dataset, change));
        Assert.IsType<ChangeDecision.Accepted>(dataset.Decide(Encoding.UTF8.GetBytes(change), 2, isResolution: true));
    }

    private static ChangeDecision Decide(Dataset dataset, string change) => dataset.Decide(Encoding.UTF8.GetBytes(change), 2);
}
