using System.Text.Json.Nodes;
using CsCheck;
using ServerlessSync.Core.Datasets.Records;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Any_history
{
    private const int Iterations = 500;

    [Fact]
    public void Is_served_without_duplicates_dangling_links_or_cycles() =>
        RandomHistory.ChangeSets.Sample(
            changes =>
            {
                var dataset = Load(RandomHistory.Base);
                Play(dataset, changes, 1, Invariants.AssertSafe);
            },
            iter: Iterations
        );

    [Fact]
    public void Is_the_same_in_one_go_and_from_a_snapshot_in_the_middle() =>
        Gen.Select(RandomHistory.ChangeSets, RandomHistory.ChangeSets)
            .Sample(
                (first, second) =>
                {
                    var whole = Load(RandomHistory.Base);
                    Play(whole, first, 1);
                    var resumed = whole.Reloaded();
                    Assert.Equal(whole.Snapshot(), resumed.Snapshot());
                    Play(whole, second, first.Length + 1);
                    Play(resumed, second, first.Length + 1);
                    Assert.Equal(whole.Snapshot(), resumed.Snapshot());
                    Assert.Equal(whole.Shown(), resumed.Shown());
                },
                iter: Iterations
            );

    [Fact]
    public void Is_untouched_by_what_is_rolled_back() =>
        Gen.Select(RandomHistory.ChangeSets, RandomHistory.ChangeSets, Gen.Bool)
            .Sample(
                (first, second, reset) =>
                {
                    var dataset = Load(RandomHistory.Base);
                    Play(dataset, first, 1);
                    var before = (dataset.Snapshot(), dataset.Shown(), dataset.ApproximateBytes);
                    dataset.Mark();
                    Play(dataset, second, first.Length + 1);
                    if (reset)
                    {
                        dataset.ResetTo(Load(RandomHistory.Base));
                        Play(dataset, second, 100);
                    }

                    dataset.Rollback();
                    Assert.Equal(before, (dataset.Snapshot(), dataset.Shown(), dataset.ApproximateBytes));

                    var other = dataset.Reloaded();
                    Play(dataset, second, 200);
                    Play(other, second, 200);
                    Assert.Equal(other.Snapshot(), dataset.Snapshot());
                },
                iter: Iterations
            );

    [Fact]
    public void Leaves_a_clone_alone() =>
        Gen.Select(RandomHistory.ChangeSets, RandomHistory.ChangeSets)
            .Sample(
                (first, second) =>
                {
                    var dataset = Load(RandomHistory.Base);
                    Play(dataset, first, 1);
                    var clone = dataset.Clone();
                    var before = clone.Snapshot();
                    Play(dataset, second, first.Length + 1);
                    Assert.Equal(before, clone.Snapshot());
                    Play(clone, second, first.Length + 1);
                    Assert.Equal(dataset.Snapshot(), clone.Snapshot());
                },
                iter: Iterations
            );

    [Fact]
    public void Gives_every_added_record_that_leaves_an_id_and_a_parent_that_is_there() =>
        RandomHistory.ChangeSets.Sample(
            changes =>
            {
                var dataset = Load(RandomHistory.Base);
                for (var index = 0; index < changes.Length; index++)
                {
                    var before =
                        JsonNode.Parse(dataset.Snapshot())!["stores"]!
                            ["tasks"]
                            ?.AsArray()
                            .Select(entry => entry![0]!.ToJsonString())
                        ?? [];
                    var tasks = dataset.Submit(changes[index], index + 1).Node()["tasks"]!;
                    AssertParents(tasks["added"]!.AsArray(), before);
                    AssertParents(tasks["$input"]?["added"]?.AsArray() ?? [], before);
                }
            },
            iter: Iterations
        );

    private static void AssertParents(JsonArray added, IEnumerable<string> before)
    {
        var there = before
            .Concat(added.Select(record => record!["id"]!.ToJsonString()))
            .ToHashSet(StringComparer.Ordinal);
        Assert.All(
            added,
            record => Assert.True(record!["parentId"] is not { } parent || there.Contains(parent.ToJsonString()))
        );
    }

    private static void Play(Dataset dataset, string[] changes, int firstRevision, Action<Dataset>? check = null)
    {
        for (var index = 0; index < changes.Length; index++)
        {
            dataset.Submit(changes[index], firstRevision + index);
            check?.Invoke(dataset);
        }
    }
}
