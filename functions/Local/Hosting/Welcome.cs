using System.Globalization;
using System.Text;

namespace ServerlessSync.Local.Hosting;

/// <summary>What the program says when it is ready.</summary>
internal static class Welcome
{
    public static string Text(LocalOptions options, LocalHost host)
    {
        var http = options.Url.GetLeftPart(UriPartial.Authority);
        var text = new StringBuilder();
        text.AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Serverless Sync {LocalHost.Version} is ready.")
            .AppendLine();
        if (options.Demo)
        {
            Add("Demo page", $"{http}/   (open it in two windows)");
        }

        Add("WebSocket", $"ws://{options.Url.Authority}/client/hubs/sync");
        Add("Web PubSub SDKs", LocalHost.ConnectionString(options.Url));
        Add("Projects", string.Join(", ", host.Samples.Select(static sample => $"{sample.Project} {sample.Name}")));
        Add("Data", host.StorageDescription);
        Add("Who may do what", "everybody who reaches this address may log in under any name, edit and reset these projects");
        if (options.Instances > 1)
        {
            Add("Engines", $"{options.Instances}, sharing only the storage");
        }

        if (options.Transport == Transport.Http)
        {
            Add("Events", "by HTTP (CloudEvents), sends by REST");
        }

        if (!options.Url.IsLoopback)
        {
            Add("Warning", "this address can be reached from other machines, and this program asks nobody for a password");
        }

        return text.AppendLine().AppendLine("Ctrl+C stops it.").AppendLine().ToString();

        void Add(string name, string value) =>
            text.AppendLine(CultureInfo.InvariantCulture, $"  {name, -16} {value}");
    }
}
