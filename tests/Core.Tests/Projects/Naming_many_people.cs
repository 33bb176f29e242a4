using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Log;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Storage;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Projects;

/// <summary>Access lists of the promised size.</summary>
public sealed class Naming_many_people
{
    [Theory]
    [InlineData("x")]
    [InlineData("ж")]
    [InlineData("漢")]
    [InlineData("😀")]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("'")]
    [InlineData("é")]
    public void Two_hundred_names_of_a_hundred_characters_are_kept_whatever_they_are_made_of(string character)
    {
        var users = Enumerable.Range(0, AccessList.UsersMax).Select(index => NameOf(index, character)).ToList();
        var list = users.Aggregate(AccessList.Empty, static (list, user) => list.With(user, Role.Editor));

        var properties = AccessRow.Of(list).ToProperties();
        TableLimits.Check("p", [new TableAction.Upsert(RowKeys.Access, properties)]);
        var read = AccessRow.FromRow(new TableRow("p", RowKeys.Access, new ETag("1"), properties));

        Assert.Equal(users.Order(StringComparer.Ordinal), read.List.Users.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(Encoding.UTF8.GetByteCount(list.ToJson()), 1, AccessList.StoredBytesMax);
    }

    [Fact]
    public void They_can_be_granted_one_by_one_to_the_last() =>
        VirtualTime.Run(time =>
            World.RunAsync(
                time,
                async world =>
                {
                    for (var index = 0; index < AccessList.UsersMax; index++)
                    {
                        Assert.IsType<ProjectOutcome.Done>(await world.GrantAsync(0, NameOf(index, "ж"), Role.Viewer));
                    }

                    Assert.IsType<ProjectOutcome.Refused>(await world.GrantAsync(0, "one more", Role.Viewer));
                }
            )
        );

    [Theory]
    [InlineData("ж")]
    [InlineData("漢")]
    public void The_last_release_reads_what_fits_its_form(string character)
    {
        var list = Enumerable
            .Range(0, AccessList.UsersMax)
            .Aggregate(AccessList.Empty, (list, index) => list.With(NameOf(index, character), Role.Viewer));

        var properties = AccessRow.Of(list).ToProperties();

        // As read by the last release.
        Assert.Equal(1, properties["format"].AsInt64());
        using var document = JsonDocument.Parse(properties["list"].AsString());
        Assert.Equal(AccessList.UsersMax, document.RootElement.GetProperty("users").EnumerateObject().Count());
    }

    [Fact]
    public void What_the_last_release_wrote_is_read()
    {
        var properties = new Dictionary<string, TableValue>(StringComparer.Ordinal)
        {
            ["format"] = 1,
            ["list"] = """{"everybody":1,"users":{"Jos\u00E9":3,"\u0416\u0022":2}}""",
            ["expelled"] = "Ines\nJo",
            ["expelsAll"] = 0,
        };

        var row = AccessRow.FromRow(new TableRow("p", RowKeys.Access, new ETag("1"), properties));

        Assert.Equal((Role.Owner, Role.Editor, Role.Viewer), (row.List.RoleOf("José"), row.List.RoleOf("Ж\""), row.List.RoleOf("Jo")));
        Assert.Equal(["Ines", "Jo"], row.Evicted);
    }

    [Fact]
    public void Evicted_users_are_named_up_to_a_limit_beyond_which_all_users_rejoin()
    {
        var row = AccessRow.Of(AccessList.Empty);
        for (var index = 0; index < 2_000; index++)
        {
            var user = NameOf(index, "ж");
            row = row.With(user, Role.Viewer, isEnforced: false).With(user, Role.None, isEnforced: false);
            Assert.True(row.EvictsAll || row.Evicted.Contains(user));
            Assert.InRange(row.Evicted.Count, 0, AccessRow.EvictedMax);
        }

        Assert.True(row.EvictsAll);
        TableLimits.Check("p", [new TableAction.Upsert(RowKeys.Access, row.ToProperties())]);
    }

    private static string NameOf(int index, string character)
    {
        var number = index.ToString("D4", System.Globalization.CultureInfo.InvariantCulture);
        return number + string.Concat(Enumerable.Repeat(character, (MessageLimits.UserNameLengthMax - number.Length) / character.Length));
    }
}
