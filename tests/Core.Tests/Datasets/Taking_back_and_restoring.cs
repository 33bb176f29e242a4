using System.Globalization;
using System.Text.Json;
using ServerlessSync.Core.Datasets.Json;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Taking_back_and_restoring
{
    [Fact]
    public void What_is_released_stays()
    {
        var dataset = Empty();
        dataset.Mark();
        dataset.Submit("""{"tasks":{"added":[{"$PhantomId":"p"}]}}""", 1);
        dataset.Release();
        dataset.Mark();
        dataset.Rollback();

        Assert.Equal("tasks-1", dataset.Tree());
    }

    [Fact]
    public void Marks_do_not_nest_and_must_be_there()
    {
        var dataset = Empty();

        Assert.Throws<InvalidOperationException>(dataset.Rollback);
        Assert.Throws<InvalidOperationException>(dataset.Release);
        dataset.Mark();
        Assert.Throws<InvalidOperationException>(dataset.Mark);
        dataset.Clone().Mark();
    }

    [Theory]
    [InlineData("""{"format":2}""", "format 2")]
    [InlineData("""{"format":"x"}""", "corrupt")]
    [InlineData("{}", "corrupt")]
    [InlineData("[]", "corrupt")]
    [InlineData("""{"format":1,"stores":{"tasks":[[1,{}""", "corrupt")]
    [InlineData("""{"format":1,"stores":{"tasks":[[1,{}]]},"project":{},"phantoms":[],"removed":[]}""", "corrupt")]
    [InlineData("""{"format":1,"stores":{},"project":{},"phantoms":[["tasks",1,null]],"removed":[]}""", "corrupt")]
    public void A_snapshot_that_cannot_be_read_says_why(string snapshot, string reason)
    {
        var exception = Assert.Throws<InvalidDataException>(() => ReadSnapshot(snapshot));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_was_read_from_counts_until_it_is_given_up()
    {
        var dataset = Load($$"""{"tasks":[{"id":1,"x":"{{new string('x', 1_000)}}"}]}""").Reloaded();
        var before = dataset.ApproximateBytes;
        Assert.InRange(before, 1_000, 2_000);

        dataset.Submit($$"""{"tasks":{"updated":[{"id":1,"x":"{{new string('y', 1_000)}}"}]} }""", 1);

        Assert.InRange(dataset.ApproximateBytes - before, 1_000, 1_100);
    }

    [Fact]
    public void The_memory_it_takes_follows_what_it_holds()
    {
        var dataset = Empty();
        var before = dataset.ApproximateBytes;
        dataset.Submit($$"""{"foo":{"added":[{"id":1,"x":"{{new string('x', 1_000)}}"}]} }""", 1);

        Assert.InRange(dataset.ApproximateBytes - before, 1_000, 2_000);

        dataset.Submit("""{"foo":{"removed":[{"id":1}]}}""", 2);

        Assert.InRange(dataset.ApproximateBytes - before, 0, 500);
    }

    [Fact]
    public void The_oldest_ids_are_forgotten_and_remembered_again_by_a_rollback()
    {
        var journal = new UndoJournal();
        var map = new BoundedMap<JsonId, int>(3);
        for (var number = 1; number <= 3; number++)
        {
            map.Add(JsonId.Of(number), number, journal);
        }

        journal.Mark();
        map.Add(JsonId.Of(4), 4, journal);
        map.Add(JsonId.Of(2), 99, journal);
        map.Add(JsonId.Of(5), 5, journal);
        var during = Values(map);
        journal.Rollback();

        Assert.Equal("3,4,5", during);
        Assert.Equal("1,2,3", Values(map));
        Assert.False(map.Contains(JsonId.Of(4)));
    }

    private static string Values(BoundedMap<JsonId, int> map) =>
        string.Join(',', map.Entries.Select(entry => entry.Value.ToString(CultureInfo.InvariantCulture)));
}
