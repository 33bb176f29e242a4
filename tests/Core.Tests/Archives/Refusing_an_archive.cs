using System.Globalization;
using System.Text;
using ServerlessSync.Core.Archives;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.State;
using ServerlessSync.Core.Tests.Engine;

namespace ServerlessSync.Core.Tests.Archives;

public sealed class Refusing_an_archive
{
    private const string OneTask = """["record",1,{"name":"Plan"},null,0,false,0]""";
    private const string Tasks = """["store","tasks"]""";

    /// <summary>Contents of a state, and the reason of the refusal.</summary>
    public static TheoryData<string[], string> States { get; } =
        new()
        {
            { ["no json"], "not JSON from here" },
            { ["{}"], "a frame is not allowed here" },
            { ["""["unheard of",1]"""], "a frame is not allowed here" },
            { [OneTask], "a frame is not allowed here" },
            { ["""["store","__proto__"]"""], "is not a valid store name" },
            { ["""["store","project"]"""], "is not a valid store name" },
            { [Tasks, Tasks], "occurs twice" },
            { [Tasks, OneTask, OneTask], "the id 1 of record 2 is taken already" },
            { [Tasks, """["record",{},{},null,0,false,0]"""], "record 1 has an unusable id" },
            { [Tasks, """["record","",{},null,0,false,0]"""], "record 1 has an unusable id" },
            { [Tasks, """["record",1e400,{},null,0,false,0]"""], "record 1 has an unusable id" },
            { [Tasks, """["record",1,[],null,0,false,0]"""], "record 1 is not an object" },
            { [Tasks, """["record",1,{"a":1,"a":2},null,0,false,0]"""], "the name a occurs" },
            { [Tasks, """["record",1,{"__proto__":1},null,0,false,0]"""], "__proto__" },
            { [Tasks, """["record",1,{}]"""], "record 1 has no place in its tree" },
            { [Tasks, """["record",1,{},null,1e99,false,0]"""], "record 1 has no place in its tree" },
            { [Tasks, """["record",1,{},null,0,0,0]"""], "record 1 has no place in its tree" },
            { [Tasks, """["record",1,{},7,0,false,0]"""], "the parent 7 of record 1 does not exist" },
            { [Tasks, """["record",1,{},2,0,false,0]""", """["record",2,{},1,0,false,0]"""], "its own ancestor" },
            { ["""["store","versions"]""", """["record","v",{},"v-of-another-project"]"""], "names a content that is not in the archive" },
            { ["""["store","resources2"]""", """["record","v",{},"label"]"""], "names a content that is not in the archive" },
            { ["""["project",1]"""], "'project' is not an object" },
            { ["""["project",{}]""", """["project",{}]"""], "'project' is not an object, or occurs twice" },
            { ["""["phantom","tasks","a",null]"""], "a phantom has an unusable id" },
            { ["""["removed","","a"]"""], "is not a valid store name" },
            { ["""["session","",1,1,1]"""], "session 1" },
            { ["""["session","s",-1,1,1]"""], "session 1" },
            { ["""["session","s",9007199254740992,1,1]"""], "session 1" },
            { ["""["session","s",1,6,1]"""], "the revision is at most 5" },
            { ["""["session","s",1,1,1e300]"""], "session 1" },
        };

    /// <summary>Manifests, and the reason of the refusal.</summary>
    public static TheoryData<string, string> Manifests { get; } =
        new()
        {
            { "[]", "it is not an object" },
            { Manifest("2", "5", "5", "1"), "format 2" },
            { Manifest("1", "-1", "5", "1"), "revision: a whole number from 0" },
            { Manifest("1", "1.5", "5", "1"), "revision: a whole number from 0" },
            { Manifest("1", "1e400", "5", "1"), "revision: a whole number from 0" },
            { Manifest("1", "9007199254740992", "9007199254740992", "1"), "revision: a whole number from 0" },
            { Manifest("1", "5", "4", "1"), "highest: a whole number from 5" },
            { Manifest("1", "5", "9007199254740000", "1"), "highest: the project's numbers would pass 9007199254740991" },
            { Manifest("1", "5", "5", "0"), "generation: a whole number from 1" },
            { Manifest("1", "5", "5", "9007199254740991"), "generation: it would pass" },
            { """{"format":1,"project":"1","name":"\ud800","revision":5,"highest":5,"generation":1,"time":0}""", "name: a text" },
        };

    [Theory]
    [MemberData(nameof(States))]
    public void Of_which_a_record_or_a_mark_cannot_be_imported(string[] state, string reason) =>
        Refuses(new ForgedArchive { State = state }, "part 1 state: ", reason);

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Of_which_the_numbers_cannot_be(string manifest, string reason) =>
        Refuses(new ForgedArchive { Manifest = manifest }, "part 1", reason);

    [Theory]
    [InlineData("[0,[\"Olga\",4]]", "an unknown role")]
    [InlineData("[7]", "an unknown role")]
    [InlineData("[0,[\"Ol\\u0007ga\",3]]", "has no valid user name")]
    [InlineData("[0,[\"a\",1],[\"a\",2]]", "occurs twice")]
    [InlineData("{}", "it is not a list")]
    public void Of_which_the_access_list_cannot_be(string access, string reason) =>
        Refuses(new ForgedArchive { Access = access }, "part 1 access list: ", reason);

    [Fact]
    public void That_holds_more_than_a_project_may()
    {
        var tooMany = Enumerable.Range(0, DatasetLimits.RecordsMax + 1).Select(static id => $$"""["record",{{id}},{}]""");
        var sessions = Enumerable.Range(0, DeduplicationState.SessionsMax + 1).Select(static id => $"""["session","s{id}",1,1,1]""");
        var phantoms = Enumerable.Range(0, DatasetLimits.PhantomsMax + 1).Select(static id => $"""["phantom","tasks","p{id}",{id}]""");
        var stores = Enumerable.Range(0, DatasetLimits.StoresMax + 1).Select(static id => $"""["store","s{id}"]""");
        var users = string.Join(',', Enumerable.Range(0, 201).Select(static id => $"""["u{id}",1]"""));

        Refuses(new ForgedArchive { State = tooMany.Prepend("""["store","timeRanges"]""") }, "part 1", "more than 200000 records");
        Refuses(new ForgedArchive { State = sessions }, "part 1", "too many of its kind");
        Refuses(new ForgedArchive { State = phantoms }, "part 1", "too many of its kind");
        Refuses(new ForgedArchive { State = stores }, "part 1", "more than 100 stores");
        Refuses(new ForgedArchive { Access = $"[0,{users}]" }, "part 1", "users: at most 200 per project");
    }

    [Fact]
    public void Of_which_the_base_remembers_something_or_an_item_is_not_in_its_place()
    {
        Refuses(new ForgedArchive { Base = ["""["session","s",1,1,1]"""] }, "part 1 base", "remembers something");
        Refuses(new ForgedArchive { Order = [ArchiveItemKind.Access] }, "part 1", "has no manifest where it should be");
        Refuses(
            new ForgedArchive { Order = [ArchiveItemKind.Manifest, ArchiveItemKind.Access, ArchiveItemKind.Index, ArchiveItemKind.State] },
            "part 1",
            "has no base where it should be"
        );
        Refuses(new ForgedArchive { Tail = [] }, "part 1", "ends before the archive does");
        Refuses(new ForgedArchive { Tail = [(byte)'E', (byte)'E'] }, "part 1", "continues after the end of the archive");
        Refuses(new ForgedArchive { Contents = ["1"] }, "part 1", "has no end where it should be");
    }

    [Fact]
    public void Of_which_a_content_is_no_json_or_belongs_to_nothing()
    {
        const string Index = """[["v","one"]]""";
        string[] state = ["""["store","versions"]""", """["record","v",{},"one"]"""];

        Refuses(new ForgedArchive { Index = Index, State = state, Contents = ["{"] }, "part 1 content 1: ", "the JSON ends");
        Refuses(new ForgedArchive { Index = Index, State = state }, "part 1", "has no content 1 where it should be");
        Refuses(new ForgedArchive { Index = """[["v","one"],["w","one"]]""" }, "part 1 list of contents: ", "no unique label");
        Refuses(new ForgedArchive { Index = """[["v",1]]""" }, "part 1 list of contents: ", "no unique label");
    }

    [Theory]
    [InlineData('M', 256 * 1024L)]
    [InlineData('A', 256 * 1024L)]
    [InlineData('I', 128 * 1024 * 1024L)]
    [InlineData('C', 128 * 1024 * 1024L)]
    public void That_unpacks_to_more_than_it_may(char kind, long limit)
    {
        var archive = new ForgedArchive
        {
            Index = """[["v","one"]]""",
            State = ["""["store","versions"]""", """["record","v",{},"one"]"""],
            Contents = ["1"],
        };

        Refuses(archive, "part 1", $"it unpacks to more than {limit} bytes", (ArchiveItemKind)kind, limit + (1024 * 1024));
    }

    [Fact]
    public void That_claims_a_record_of_gigabytes_without_making_room_for_it()
    {
        var before = GC.GetTotalAllocatedBytes();

        // Empty frames, and then one that states a size of two gigabytes.
        Refuses(new ForgedArchive(), "part 1 state", "the text is empty", ArchiveItemKind.State, 1024L * 1024 * 1024);
        Refuses(new ForgedArchive { FirstLength = int.MaxValue, State = ["[]"] }, "part 1 state", "has 2147483647 bytes; all records");
        Refuses(new ForgedArchive { FirstLength = 200_000_000, State = ["[]"] }, "part 1 state", "ends in the middle of a record");

        Assert.True(GC.GetTotalAllocatedBytes() - before < 256L * 1024 * 1024);
    }

    [Fact]
    public void That_was_altered_cut_short_or_mixed_up_and_names_the_part() =>
        Archiving.Play(async world =>
        {
            var hasty = Archiving.Options with { WorkTime = TimeSpan.Zero };
            var one = await world.JoinAsync("Hugo");
            await one.ChangeAsync("""{"versions":{"added":[{"$PhantomId":"_generatedV","content":{"is":"second"}}]}}""");
            var parts = await Archiving.ArchiveAsync(world, hasty);
            var others = await Archiving.ArchiveAsync(world, hasty);
            Assert.Equal(2, parts.Count);

            var altered = parts[1].ToArray();
            altered[^1] ^= 1;
            Assert.Equal("part 2 was altered: its digest does not fit its bytes", await ReasonAsync([parts[0], altered]));
            var short2 = parts[1][..^1];
            var length = string.Create(CultureInfo.InvariantCulture, $"part 2 has {short2.Length} bytes, but states {parts[1].Length}");
            Assert.Equal(length, await ReasonAsync([parts[0], short2]));
            Assert.Equal("part 2 is not a part of an archive", await ReasonAsync([parts[0], Encoding.UTF8.GetBytes("{}")]));
            Assert.Equal("part 1 is number 2 of its archive", await ReasonAsync([parts[1], parts[0]]));
            Assert.Equal("part 2 is missing", await ReasonAsync([parts[0]]));
            Assert.Equal("part 1 is missing", await ReasonAsync([]));
            Assert.Equal(
                "part 2 does not follow the one before it: one of the two is of another archive",
                await ReasonAsync([parts[0], others[1]])
            );
            var wrong = new RestoreRequest(Name: null, WithAccess: false, Replace: true, new string('0', 64));
            Assert.Contains("which is not the one that was asked for", await ReasonAsync(parts, wrong), StringComparison.Ordinal);

            Assert.Equal(1, (await Archiving.HeadAsync(world, World.Project)).Revision);
            Assert.True(one.IsOpen);

            async Task<string> ReasonAsync(IReadOnlyList<byte[]> sent, RestoreRequest? request = null) =>
                Archiving.Reason(await RestoreOnceAsync(world, sent, request));
        });

    [Fact]
    public void A_generation_of_elsewhere_is_believed_only_as_far_as_it_can_be_walked_through() =>
        Archiving.Play(async world =>
        {
            var parts = await new ForgedArchive { Manifest = Manifest("1", "5", "5", "9007199254740991") }.PartsAsync();

            Assert.Equal(1_000_005, await Archiving.RestoredAsync(world, parts, World.Project));

            Assert.True((await Archiving.HeadAsync(world, World.Project)).Generation < 2_000);
        });

    private static void Refuses(ForgedArchive archive, string part, string reason, ArchiveItemKind? bomb = null, long zeros = 0) =>
        Archiving.Play(async world =>
        {
            var refused = Archiving.Reason(await RestoreOnceAsync(world, await archive.PartsAsync(bomb, zeros), request: null, Archiving.Id(2)));

            Assert.StartsWith(part, refused, StringComparison.Ordinal);
            Assert.Contains(reason, refused, StringComparison.Ordinal);
            Assert.Null(await new Core.Log.ProjectLog(world.Store, Archiving.Id(2)).ReadHeadAsync(CancellationToken.None));
        });

    /// <summary>Restores, and removes the upload, because a project may have only a few.</summary>
    private static async Task<ArchiveResult> RestoreOnceAsync(
        World world,
        IReadOnlyList<byte[]> parts,
        RestoreRequest? request,
        Model.ProjectId? project = null
    )
    {
        var target = project ?? World.Project;
        var administration = world.ArchivesOf(0, Archiving.Options);
        var upload = Archiving.Status(await administration.BeginUploadAsync(Archiving.Administrator, target, CancellationToken.None)).Name;
        ArchiveResult? result = null;
        for (var part = 0; part < parts.Count && (result is null or ArchiveResult.Done); part++)
        {
            result = await administration.WritePartAsync(Archiving.Administrator, target, upload, part + 1, parts[part], CancellationToken.None);
        }

        if (result is null or ArchiveResult.Done)
        {
            request ??= new RestoreRequest(Name: null, WithAccess: false, Replace: true, Digest: null);
            result = await administration.RestoreAsync(Archiving.Administrator, target, upload, request, CancellationToken.None);
        }

        await administration.RemoveUploadAsync(Archiving.Administrator, target, upload, CancellationToken.None);
        return result;
    }

    private static string Manifest(string format, string revision, string highest, string generation) =>
        $$"""{"format":{{format}},"project":"1","name":"Forged","revision":{{revision}},"highest":{{highest}},"generation":{{generation}},"time":0}""";
}
