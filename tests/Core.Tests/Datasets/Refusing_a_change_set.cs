using System.Text;
using ServerlessSync.Core.Datasets.Records;
using ServerlessSync.Core.Model;
using static ServerlessSync.Core.Tests.Datasets.DatasetTesting;

namespace ServerlessSync.Core.Tests.Datasets;

public sealed class Refusing_a_change_set
{
    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("null", "not an object")]
    [InlineData("""{"tasks":[]}""", "store 'tasks' is not an object")]
    [InlineData("""{"tasks":{"added":{}}}""", "'tasks.added' is not an array")]
    [InlineData("""{"tasks":{"added":[1]}}""", "tasks.added record 1: it is not an object")]
    [InlineData("""{"tasks":{"added":[{"name":"x"}]}}""", "tasks.added record 1: it has neither $PhantomId nor id")]
    [InlineData(
        """{"tasks":{"added":[{"$PhantomId":"a"},{"$PhantomId":""}]}}""",
        "tasks.added record 2: its id is unusable"
    )]
    [InlineData("""{"tasks":{"added":[{"$PhantomId":"\ud800","id":1}]}}""", "tasks.added record 1: its id is unusable")]
    [InlineData("""{"tasks":{"$input":{"updated":[{"name":"x"}]}}}""", "tasks.$input.updated record 1: it has no id")]
    [InlineData("""{"tasks":{"removed":[{"id":null}]}}""", "tasks.removed record 1: its id is unusable")]
    [InlineData("""{"tasks":{"$input":[]}}""", "'tasks.$input' is not an object")]
    [InlineData("""{"tasks":{"updated":[{"id":1,"parentId":[]}]}}""", "its parentId is unusable")]
    [InlineData("""{"tasks":{"added":[{"$PhantomId":"a","children":[{}]}]}}""", "nested 'children'")]
    [InlineData("""{"project":1}""", "'project' is not an object")]
    [InlineData("""{"project":{"$input":1}}""", "'project.$input' is not an object")]
    [InlineData("""{"__proto__":{}}""", "__proto__")]
    [InlineData("""{"constructor":{}}""", "'constructor' is not a valid store name")]
    [InlineData("""{"prototype":{}}""", "'prototype' is not a valid store name")]
    [InlineData("""{"tasks":{"updated":[{"id":1,"x":{"__proto__":1}}]}}""", "__proto__")]
    [InlineData("""{"tasks":{},"tasks":{}}""", "line 1, column 13: the name tasks occurs twice in one object")]
    public void What_has_no_form_is_named(string changes, string reason) =>
        Assert.Contains(reason, Empty().Refusal(changes), StringComparison.Ordinal);

    [Fact]
    public void Every_limit_is_named()
    {
        var records = string.Join(
            ',',
            Enumerable.Range(0, MessageLimits.ChangeSetRecordsMax + 1).Select(n => $$"""{"id":{{n}}}""")
        );
        var fields = string.Join(',', Enumerable.Range(0, DatasetLimits.FieldsMax).Select(n => $"\"f{n}\":1"));

        Assert.Contains(
            "5000 records",
            Empty().Refusal($$$"""{"tasks":{"removed":[{{{records}}}]}}"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "5000 records",
            Empty().Refusal($$$"""{"tasks":{"$input":{"removed":[{{{records}}}]} } }"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "1000 fields",
            Empty().Refusal($$$"""{"tasks":{"updated":[{"id":1,{{{fields}}} }]}}"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "64 levels",
            Empty().Refusal($$$"""{"tasks":{"x":{{{new string('[', 70)}}} """),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "921600 can be published",
            Empty().Refusal($$$"""{"tasks":{"x":"{{{new string('x', MessageLimits.RevisionBytesMax)}}}"}}"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "921600 can be published",
            Empty().Refusal(new string(' ', MessageLimits.FrameBytesMax + 1)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_outgrows_the_published_form_only_by_its_ids_is_refused()
    {
        const string Head = """{"tasks":{"added":[{"$PhantomId":"p"}],"x":" """;
        var changes = Head + new string('x', MessageLimits.RevisionBytesMax - Head.Length - 3) + "\"}}";

        Assert.Equal(MessageLimits.RevisionBytesMax, Encoding.UTF8.GetByteCount(changes));
        Assert.Contains("can be published", Empty().Refusal(changes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_too_large_to_be_sent_is_refused() =>
        Assert.Contains(
            "content of record \"v\" has 921602 bytes; at most 921600",
            Empty()
                .Refusal(
                    $$$"""{"versions":{"updated":[{"id":"v","content":"{{{new string('x', MessageLimits.VersionContentBytesMax)}}}"}]}}"""
                ),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_project_does_not_outgrow_its_limits()
    {
        var rows = string.Join(',', Enumerable.Repeat("{}", DatasetLimits.RecordsMax));
        var stores = string.Join(',', Enumerable.Range(0, DatasetLimits.StoresMax).Select(n => $"\"s{n}\":[{{}}]"));

        Assert.Contains(
            "200000 records",
            Load($$"""{"foo":[{{rows}}]}""").Refusal("""{"tasks":{"added":[{"$PhantomId":"p"}]}}"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "100 stores",
            Load($"{{{stores}}}").Refusal("""{"more":{"added":[{"$PhantomId":"p"}]}}"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_tree_does_not_grow_below_its_lowest_level()
    {
        var records = string.Join(
            ',',
            Enumerable
                .Range(1, DatasetLimits.TreeLevelsMax + 1)
                .Select(n => $$"""{"$PhantomId":"p{{n}}","parentId":{{(n == 1 ? "null" : $"\"p{n - 1}\"")}}}""")
        );

        Assert.Contains(
            "below level 200",
            Empty().Refusal($$$"""{"tasks":{"added":[{{{records}}}]}}"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void User_input_within_user_input_means_nothing_and_is_passed_on()
    {
        const string Changes = """{"tasks":{"$input":{"updated":[],"$input":{"updated":{"id":1},"added":7}}}}""";

        Assert.Equal(Changes, Empty().Accept(Changes).Text());
    }

    [Fact]
    public void Half_a_surrogate_pair_in_a_text_is_passed_on()
    {
        const string Changes = """{"tasks":{"updated":[{"id":1,"name":"cut \ud83d"}]}}""";
        var dataset = Load("""{"tasks":[{"id":1}]}""");

        Assert.Equal(Changes, dataset.Submit(Changes, 1).Text());
        Assert.Contains("""[{"id":1,"name":"cut \ud83d"}]""", dataset.Shown(), StringComparison.Ordinal);
    }
}
