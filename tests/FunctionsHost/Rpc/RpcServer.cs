using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServerlessSync.FunctionsHost.Rpc;

/// <summary>The gRPC server of the host, on a loopback port that the system chooses. Workers connect to it.</summary>
internal sealed class RpcServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, WorkerChannel> channels;

    private RpcServer(WebApplication web, ConcurrentDictionary<string, WorkerChannel> expected, Uri url)
    {
        app = web;
        channels = expected;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<RpcServer> StartAsync(CancellationToken cancellationToken)
    {
        var expected = new ConcurrentDictionary<string, WorkerChannel>(StringComparer.Ordinal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2)
        );
        builder.Services.AddSingleton(expected);
        builder.Services.AddGrpc(static grpc =>
        {
            grpc.MaxReceiveMessageSize = null;
            grpc.MaxSendMessageSize = null;
        });
        var web = builder.Build();
        web.MapGrpcService<Service>();
        await web.StartAsync(cancellationToken);
        return new RpcServer(web, expected, new Uri(web.Urls.Single()));
    }

    /// <summary>Creates the channel of a worker that is about to start.</summary>
    public void Expect(string workerId, WorkerChannel channel) => channels[workerId] = channel;

    public void Forget(string workerId) => channels.TryRemove(workerId, out _);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private sealed class Service(ConcurrentDictionary<string, WorkerChannel> channels) : FunctionRpc.FunctionRpcBase
    {
        public override async Task EventStream(
            IAsyncStreamReader<StreamingMessage> requestStream,
            IServerStreamWriter<StreamingMessage> responseStream,
            ServerCallContext context
        )
        {
            if (
                !await requestStream.MoveNext(context.CancellationToken)
                || requestStream.Current.StartStream is not { } start
                || !channels.TryGetValue(start.WorkerId, out var channel)
            )
            {
                throw new Grpc.Core.RpcException(new Status(StatusCode.InvalidArgument, "A stream must begin with the id of a worker that this host started."));
            }

            await channel.RunAsync(requestStream, responseStream, context.CancellationToken);
        }
    }
}
