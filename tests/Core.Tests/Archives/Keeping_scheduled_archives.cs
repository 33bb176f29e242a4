using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Keeping_scheduled_archives
{
    [Fact]
    public void Expired_archives_are_removed_and_the_newest_kept_whatever_their_age() =>
        ScheduledArchiving.Play(async (world, archives) =>
        {
            var one = await world.JoinAsync("Hugo");
            for (var round = 0; round < 4; round++)
            {
                await one.RenameAsync(3, $"round {round}");
                await archives.RunNextAsync();
            }

            var made = archives.Container.Names;
            Assert.Equal(4, made.Count);
            await world.Time.PassAsync(TimeSpan.FromMinutes(10));

            await archives.RunAsync();

            Assert.Equal(made.Skip(2), archives.Container.Names);
        });

    [Fact]
    public void Blobs_with_other_names_are_kept() =>
        ScheduledArchiving.Play(async (world, archives) =>
        {
            await archives.Container.CommitAsync("n1/kept by hand", new ArchiveLabel(0, 1, "00"), CancellationToken.None);
            await archives.RunAsync();
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            await archives.RunNextAsync();
            await world.Time.PassAsync(TimeSpan.FromMinutes(10));

            await archives.RunAsync();

            Assert.Equal("n1/kept by hand", Assert.Single(archives.Container.Names));
        });

    [Fact]
    public void Archives_of_a_deleted_project_are_removed_when_the_retention_after_its_deletion_ends() =>
        ScheduledArchiving.Play(async (world, archives) =>
        {
            await archives.RunAsync();
            await world.Time.PassAsync(TimeSpan.FromMinutes(10));
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);

            await archives.RunAsync();
            Assert.Single(archives.Container.Names);
            await world.Time.PassAsync(ScheduledArchiving.Schedule.KeepFor + TimeSpan.FromMinutes(1));
            await archives.RunAsync();

            Assert.Empty(archives.Container.Names);
        });

    [Fact]
    public void Deleting_a_project_during_its_archive_is_no_failure() =>
        ScheduledArchiving.Play(async (world, archives) =>
        {
            archives.Container.BeforeRequest = static () => throw new StorageException("down", outcomeUnknown: true);
            await Assert.ThrowsAsync<StorageException>(() => archives.RunAsync());
            archives.Container.BeforeRequest = static () => Task.CompletedTask;
            await world.AdministrationOf(0).DeleteAsync(Archiving.Owner, World.Project, CancellationToken.None);
            await world.ArchivesOf(0, Archiving.Options).ExpireAsync(CancellationToken.None);

            await archives.RunAsync();

            Assert.Empty(archives.Container.Names);
            Assert.Empty(archives.Observer.Failed);
            Assert.Single(archives.Observer.Rounds);
        });

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "11")]
    [InlineData("\"a\"", "\"a/b\"")]
    [InlineData("\"a\"", "\"a\\/\"")]
    public void No_project_lists_the_archives_of_another(string one, string other)
    {
        var name = ArchiveName.Of(Parse(other), DateTimeOffset.UnixEpoch, "random");

        Assert.False(name.StartsWith(ArchiveName.PrefixOf(Parse(one)), StringComparison.Ordinal));
        Assert.Equal(DateTimeOffset.UnixEpoch, ArchiveName.TimeOf(name));
    }

    private static ProjectId Parse(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        Assert.True(JsonId.TryRead(document.RootElement, out var id));
        return new ProjectId(id);
    }
}
