using System.Text.Json.Nodes;
using CsCheck;
using ServerlessSync.Core.Datasets.Records;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Any_history_of_a_whole_project
{
    private const int Iterations = 400;

    [Fact]
    public void Is_folded_as_by_a_naive_model() =>
        RandomProject.Histories.Sample(
            history =>
            {
                var dataset = Load(RandomProject.Base);
                var model = new NaiveModel(RandomProject.Base);
                for (var index = 0; index < history.Length; index++)
                {
                    if (Step(dataset, history[index], index + 1) is { } accepted)
                    {
                        model.ApplyAsServer(accepted.Node(), accepted.Cut);
                    }
                    else
                    {
                        model.Load(RandomProject.Base);
                    }

                    AssertSame(model, dataset);
                }
            },
            iter: Iterations
        );

    [Fact]
    public void Is_what_clients_show_that_apply_only_foreign_changes() =>
        RandomProject.Histories.Sample(
            history =>
            {
                var dataset = Load(RandomProject.Base);
                var client = new NaiveModel(RandomProject.Base);
                for (var index = 0; index < history.Length; index++)
                {
                    var isReset = string.Equals(history[index], RandomProject.Reset, StringComparison.Ordinal);
                    var sent = isReset ? history[index] : RandomProject.WithInput(history[index]);
                    if (Step(dataset, sent, index + 1) is { } accepted)
                    {
                        client.ApplyAsClient(accepted.Node());
                    }
                    else
                    {
                        client.Load(RandomProject.Base);
                    }
                }

                // Project fields have no $input here; clients derive them.
                AssertSame(client, dataset, except: "project");
            },
            iter: Iterations
        );

    [Fact]
    public void Is_the_same_whatever_snapshots_it_was_loaded_from() =>
        Gen.Select(RandomProject.Histories, Gen.Int[0, 14])
            .Sample(
                (history, middle) =>
                {
                    var whole = Load(RandomProject.Base);
                    var loaded = Load(RandomProject.Base);
                    for (var index = 0; index < history.Length; index++)
                    {
                        loaded = index == middle || index % 5 == 4 ? loaded.Reloaded() : loaded;
                        var left = Step(whole, history[index], index + 1);
                        var right = Step(loaded, history[index], index + 1);
                        Assert.Equal(left?.Text(), right?.Text());
                    }

                    Assert.Equal(whole.Snapshot(), loaded.Snapshot());
                    Assert.Equal(whole.Shown(), loaded.Shown());
                },
                iter: Iterations
            );

    [Fact]
    public void Never_gives_one_id_to_two_records() =>
        RandomProject.Histories.Sample(
            history =>
            {
                var dataset = Load(RandomProject.Base);
                var owners = new Dictionary<string, string>(StringComparer.Ordinal);
                for (var index = 0; index < history.Length; index++)
                {
                    foreach (var (store, part) in Step(dataset, history[index], index + 1)?.Node().AsObject() ?? [])
                    {
                        foreach (var record in part!["added"] as JsonArray ?? [])
                        {
                            var owner = $"{store} {record!["$PhantomId"]!.ToJsonString()}";
                            var id = $"{record["id"]!.ToJsonString()}";
                            if (owner.Contains("_generated", StringComparison.Ordinal))
                            {
                                Assert.Equal(owner, owners.TryAdd(id, owner) ? owner : owners[id]);
                            }
                        }
                    }
                }
            },
            iter: Iterations
        );

    private static ChangeDecision.Accepted? Step(Dataset dataset, string step, int revision)
    {
        if (!string.Equals(step, RandomProject.Reset, StringComparison.Ordinal))
        {
            // As conflict resolutions, which are trimmed instead of refused.
            return dataset.Submit(step, revision, isResolution: true);
        }

        dataset.ResetTo(Load(RandomProject.Base));
        return null;
    }

    private static void AssertSame(NaiveModel model, Dataset dataset, string? except = null)
    {
        var expected = model.Shown();
        var actual = JsonNode.Parse(dataset.ToClientJson().Span)!.AsObject();
        foreach (var key in expected.Select(static each => each.Key).Union(actual.Select(static each => each.Key), StringComparer.Ordinal))
        {
            var left = expected[key] ?? new JsonArray();
            var right = actual[key] ?? new JsonArray();
            Assert.True(
                JsonNode.DeepEquals(left, right) || string.Equals(key, except, StringComparison.Ordinal),
                $"{key}:\nmodel   {left.ToJsonString()}\ndataset {right.ToJsonString()}"
            );
        }
    }
}
