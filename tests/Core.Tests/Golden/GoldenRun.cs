using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessSync.Core.Engine;
using ServerlessSync.Core.Presence;
using ServerlessSync.Core.Sessions;
using ServerlessSync.Core.Tests.Engine;
using ServerlessSync.Support.Time;

namespace ServerlessSync.Core.Tests.Golden;

/// <summary>Runs a transcript against the real handler, sequencer and presence, and records the outcome.</summary>
internal sealed class GoldenRun
{
    /// <summary>Longer than a resync with both its quiet times, so that every answer has arrived.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(4);

    private const string Together = "together";

    private readonly VirtualTime time;
    private readonly Dictionary<string, TestClient> clients = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> shown = new(StringComparer.Ordinal);
    private readonly HashSet<string> closed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> ofClient = new(StringComparer.Ordinal);
    private readonly List<Task> sent = [];
    private readonly StringBuilder transcript = new();
    private int readers;

    private GoldenRun(VirtualTime time) => this.time = time;

    /// <summary>The actual transcript: the text of the case with the messages that were received.</summary>
    public static string Play(GoldenCase golden)
    {
        var played = string.Empty;
        VirtualTime.Run(async time =>
        {
            var run = new GoldenRun(time);
            var world = new World(time, presence: services => run.PresenceOf(services));
            var dataset = golden.Lines.FirstOrDefault(static line => line.StartsWith("base ", StringComparison.Ordinal));
            await world.RunAsync(
                async _ =>
                {
                    await run.PlayAsync(world, golden.Lines);
                    played = run.transcript.ToString();
                },
                dataset?[5..]
            );
            Assert.Empty(world.Observer.Failures);
        });
        return played;
    }

    private PresenceTracker PresenceOf(EngineDependencies services) =>
        new(services.Store, services.Gateway, services.Dialect, time, services.Ids, PresenceScope.Everyone);

    private async Task PlayAsync(World world, IReadOnlyList<string> lines)
    {
        var together = false;
        foreach (var line in lines.Where(static line => !IsReceived(line)))
        {
            if (!together || IsSent(line) is null)
            {
                await SettleAsync();
                together = string.Equals(line, Together, StringComparison.Ordinal);
            }

            transcript.Append(line).Append('\n');
            await PlayAsync(world, line);
        }

        await SettleAsync();
    }

    private static bool IsReceived(string line) =>
        line.Split(' ', 2)[0].EndsWith('<') || line.StartsWith("dataset<", StringComparison.Ordinal);

    private static (string Client, string Frame)? IsSent(string line) =>
        line.Split(' ', 2) is [var name, var frame] && name.EndsWith('>') ? (name[..^1], frame) : null;

    private async Task PlayAsync(World world, string line)
    {
        if (IsSent(line) is var (client, frame))
        {
            // The service delivers the events of a connection one after the other.
            var before = ofClient.GetValueOrDefault(client, Task.CompletedTask);
            ofClient[client] = SendAsync(world, clients[client], frame, before);
            sent.Add(ofClient[client]);
            return;
        }

        switch (line.Split(' '))
        {
            case ["open", var name]:
                clients.Add(name, world.Open(name));
                break;
            case ["join", .. var names]:
                await JoinAsync(world, names);
                break;
            case ["wait", var seconds]:
                await time.PassAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
                break;
            case ["restart"]:
                await world.RestartAsync(0);
                break;
            case ["dataset"]:
                await LoadAsync(world);
                break;
            case [Together] or ["base", ..] or ["#", ..] or ["#"] or [""]:
                break;
            default:
                throw new InvalidOperationException($"A transcript has no line like '{line}'.");
        }
    }

    private async Task JoinAsync(World world, string[] names)
    {
        foreach (var name in names)
        {
            clients.Add(name, await world.JoinAsync(name));
        }

        await time.PassAsync(Settling);
        foreach (var (name, client) in clients)
        {
            shown[name] = client.Frames.Count;
        }
    }

    private static async Task SendAsync(World world, TestClient client, string frame, Task before)
    {
        await before;
        if (await client.SendAsync(frame) is Core.Model.EventReply.Text reply)
        {
            world.Gateway.Reply(client.Connection, Encoding.UTF8.GetString(reply.Frame.Span));
        }
    }

    /// <summary>Records what all clients received since the last call; everything sent until now was in flight together.</summary>
    private async Task SettleAsync()
    {
        if (sent.Count == 0)
        {
            return;
        }

        await time.PassAsync(Settling);
        await Task.WhenAll(sent);
        sent.Clear();
        var told = clients.Select(client => (client.Key, What: TakeNew(client.Key, client.Value)));
        foreach (var alike in told.GroupBy(static each => string.Join('\n', each.What), StringComparer.Ordinal))
        {
            var names = string.Join(',', alike.Select(static each => each.Key));
            foreach (var what in alike.First().What)
            {
                transcript.Append(names).Append("< ").Append(what).Append('\n');
            }
        }
    }

    private List<string> TakeNew(string name, TestClient client)
    {
        List<string> frames = [.. client.Texts.Skip(shown.GetValueOrDefault(name))];
        shown[name] = client.Texts.Count;
        if (!client.IsOpen && closed.Add(name))
        {
            frames.Add("closed");
        }

        return frames;
    }

    /// <summary>The dataset that a new client gets. Joins without presence, so that no other client is notified.</summary>
    private async Task LoadAsync(World world)
    {
        var reader = world.Open($"reader{++readers}");
        reader.Adopt(ClientSession.Of("reader"));
        await reader.LoadAsync();
        var dataset = reader.LastDataset.GetProperty("dataset");
        world.Gateway.Close(reader.Connection);
        transcript.Append("dataset< ").Append(dataset.GetRawText()).Append('\n');
    }
}
