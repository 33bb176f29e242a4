using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Limits;

/// <summary>Limits of a message are checked before the first round trip (docs/security.md).</summary>
public sealed class Refusing_before_storage
{
    public static TheoryData<string> Frames =>
        [
            """{"command":"dataset","data":{"project":""" + new string(' ', MessageLimits.FrameBytesMax) + "1}}",
            """{"command":"dataset","data":{"project":1,"x":""" + new string('[', 65) + new string(']', 65) + "}}",
            """{"command":"dataset","data":{"project":1,"project":1}}""",
            $$$"""{"command":"dataset","data":{"project":"{{{new string('x', 129)}}}"}}""",
            $$$"""{"command":"login","data":{"login":"{{{new string('x', MessageLimits.UserNameLengthMax + 1)}}}"}}""",
            $$$"""{"command":"login","data":{"login":"Ines","password":"{{{new string('x', MessageLimits.PasswordLengthMax + 1)}}}"}}""",
            $$$"""{"command":"load_version_content","data":{"project":1,"versionId":"{{{new string('x', 129)}}}"}}""",
            $$$"""{"command":"project_change","data":{"project":2,"session":"{{{new string('x', 201)}}}","revisions":[]}}""",
            """{"command":"project_change","data":{"project":2,"revisions":["""
                + string.Join(',', Enumerable.Repeat("{\"revision\":\"local-1\",\"changes\":{}}", MessageLimits.RevisionsMax + 1))
                + "]}}",
            """{"command":"who"}""",
        ];

    [Theory]
    [MemberData(nameof(Frames))]
    public void What_is_over_a_limit_costs_storage_nothing(string frame) =>
        VirtualTime.Run(time =>
            new World(time).RunAsync(async world =>
            {
                var client = await world.JoinAsync("Hugo");
                var before = world.Store.Calls;

                var reply = await client.SendAsync(frame);

                var text = Encoding.UTF8.GetString(Assert.IsType<EventReply.Text>(reply).Frame.Span);
                Assert.True(JsonDocument.Parse(text).RootElement.TryGetProperty("error", out _));
                Assert.Equal(before, world.Store.Calls);
            })
        );
}
