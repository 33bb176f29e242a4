using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Blobs.Tests;

/// <summary>What every container of archives must do.</summary>
public abstract class ArchiveContainerContract
{
    private static readonly byte[] First = [1, 2, 3];
    private static readonly byte[] Second = [4, 5];

    private readonly string project = $"n{new RandomIdSource().NewId()}";

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IArchiveContainer Container { get; }

    protected abstract Task<byte[]> ReadAsync(string name);

    [Fact]
    public async Task What_is_staged_is_not_there_before_it_is_complete()
    {
        await Container.StageAsync(Name("a"), 1, First, Token);

        Assert.Empty(await ListAsync($"{project}/"));
    }

    [Fact]
    public async Task Parts_follow_each_other_by_their_numbers()
    {
        await Container.StageAsync(Name("a"), 2, Second, Token);
        await Container.StageAsync(Name("a"), 1, First, Token);

        Assert.True(await Container.CommitAsync(Name("a"), Label(2), Token));

        Assert.Equal(First.Concat(Second), await ReadAsync(Name("a")));
        Assert.Equal([Name("a")], await ListAsync($"{project}/"));
    }

    [Fact]
    public async Task A_part_that_comes_again_takes_the_place_of_the_first()
    {
        await Container.StageAsync(Name("a"), 1, First, Token);
        await Container.StageAsync(Name("a"), 1, Second, Token);

        await Container.CommitAsync(Name("a"), Label(1), Token);

        Assert.Equal(Second, await ReadAsync(Name("a")));
    }

    [Fact]
    public async Task A_part_of_the_largest_size_is_kept()
    {
        var part = new byte[ArchiveLimits.PartBytesMax];
        part[^1] = 7;
        await Container.StageAsync(Name("a"), 1, part, Token);

        await Container.CommitAsync(Name("a"), Label(1), Token);

        Assert.Equal(part, await ReadAsync(Name("a")));
    }

    [Fact]
    public async Task An_archive_of_which_a_part_is_missing_is_not_made()
    {
        await Container.StageAsync(Name("a"), 1, First, Token);

        Assert.False(await Container.CommitAsync(Name("a"), Label(2), Token));

        Assert.Empty(await ListAsync($"{project}/"));
    }

    [Fact]
    public async Task To_complete_an_archive_again_is_no_error_and_changes_nothing()
    {
        await Container.StageAsync(Name("a"), 1, First, Token);
        await Container.CommitAsync(Name("a"), Label(1), Token);

        Assert.True(await Container.CommitAsync(Name("a"), Label(1), Token));

        Assert.Equal(First, await ReadAsync(Name("a")));
    }

    [Fact]
    public async Task Archives_are_listed_by_the_beginning_of_their_names()
    {
        foreach (var name in (string[])[Name("a"), Name("b"), $"{project}1/a"])
        {
            await Container.StageAsync(name, 1, First, Token);
            await Container.CommitAsync(name, Label(1), Token);
        }

        Assert.Equal([Name("a"), Name("b")], (await ListAsync($"{project}/")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_removed_is_gone_and_to_remove_it_again_is_no_error()
    {
        await Container.StageAsync(Name("a"), 1, First, Token);
        await Container.CommitAsync(Name("a"), Label(1), Token);

        await Container.RemoveAsync(Name("a"), Token);
        await Container.RemoveAsync(Name("a"), Token);

        Assert.Empty(await ListAsync($"{project}/"));
    }

    [Fact]
    public Task A_cancelled_request_is_cancelled_and_no_failure_of_the_container() =>
        Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Container.StageAsync(Name("a"), 1, First, new CancellationToken(canceled: true))
        );

    protected string Name(string archive) => $"{project}/{archive}";

    protected static ArchiveLabel Label(int parts) => new(parts, 12, "00ff");

    private async Task<List<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var name in Container.ListAsync(prefix, Token))
        {
            names.Add(name);
        }

        return names;
    }
}
