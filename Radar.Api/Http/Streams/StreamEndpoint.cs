using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.OpenApi;
using Radar.Api.Streaming;

namespace Radar.Api.Http.Streams;

/// <summary><c>GET /api/v2/stream</c>: server-sent events.</summary>
internal sealed class StreamEndpoint(StreamHub hub, StreamCatchUp catchUp, StreamMetrics metrics, Staleness staleness, IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>A backlog leaves trades out with every change; one reset in a while says as much as one for each.</summary>
    private static readonly TimeSpan GonePause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What the system keeps of a connection's bytes that the client has not taken; Linux makes it twice as many. Left to itself it goes
    /// up to 4 MB (net.ipv4.tcp_wmem), and 300 clients that read nothing take 1.1 GB of the machine, or of the container's limit, which
    /// no budget of this process sees. A client 100 ms away gets some 2 MB a second with it.
    /// </summary>
    private const int SendBufferBytes = 128 * 1024;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/stream", static (HttpContext context, StreamEndpoint endpoint) => endpoint.RunAsync(context))
            .WithTags("v2").Describe(ApiOperations.Stream);

    private async Task RunAsync(HttpContext context)
    {
        if (StreamRequest.Read(context.Request, out var error) is not { } request)
        {
            await Problems.BadParameterAsync(context, error!.Name, error.Detail);
            return;
        }

        if (hub.Enter(request, context.Connection.RemoteIpAddress, out string refusal) is not { } client)
        {
            metrics.Refused("limit");
            await Problems.UnavailableAsync(context, refusal);
            return;
        }

        // The server's own least rate would end a stream whose client takes nothing for 5 s, whatever Api:StreamWriteTimeoutMs says. It
        // counts again for what is left to send when the stream has ended.
        var rate = context.Features.Get<IHttpMinResponseDataRateFeature>();
        var usualRate = rate?.MinDataRate;
        StreamOutput? writer = null;
        try
        {
            if (!await catchUp.IsReadyAsync(context))
            {
                metrics.Refused("loading");
                await Problems.UnavailableAsync(context, "The state is being read from Redis. Try again.");
                return;
            }

            if (request.MaxStalenessMs is { } max
                && (await staleness.IsUnmeasurableAsync(context, max) || await Staleness.IsRefusedAsync(context, staleness.WorstLagMs(), max)))
            {
                metrics.Refused("stale");
                return;
            }

            if (!catchUp.TryPrepare(client))
            {
                metrics.Refused("memory");
                await Problems.UnavailableAsync(context, StreamBudgetException.Detail);
                return;
            }

            if (rate is not null)
                rate.MinDataRate = null;
            if (context.Features.Get<IConnectionSocketFeature>() is { Socket: var socket })
                socket.SendBufferSize = SendBufferBytes;
            TraceResponse.Set(context.Response);
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no"; // proxies that collect answers would collect for ever
            context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            writer = new StreamOutput(context, options.Value.StreamWriteTimeoutMs, hub.Budget, time);
            await writer.BeginAsync();
            await RunAsync(client, writer);
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or did not take what it was sent in time.
            if (writer is not null)
                metrics.Disconnected(writer.TimedOut ? "write_timeout" : "client");
        }
        catch (StreamBudgetException)
        {
            metrics.Disconnected("memory"); // it comes back with its last id
        }
        finally
        {
            writer?.Dispose();
            if (rate is not null)
                rate.MinDataRate = usualRate;
            hub.Leave(client);
        }
    }

    private async Task RunAsync(StreamClient client, StreamOutput writer)
    {
        var from = client.Request.Since;
        var end = StreamEnd.None;
        while (true)
        {
            from = await catchUp.JoinAsync(client, from, writer, isGone: end == StreamEnd.Unrecoverable);
            do
            {
                await client.WaitAsync(writer.Ended);
                (var entries, var version, end) = client.Take();
                if (entries.Count > 0)
                {
                    await writer.WriteAsync(entries);
                    client.Written();
                    metrics.Pushed(client.TakenOldestMs, time.GetUtcNow().ToUnixTimeMilliseconds());
                    from = version;
                }
            }
            while (end == StreamEnd.None);

            switch (end)
            {
                case StreamEnd.Shutdown:
                    await writer.WriteAsync(StreamFrame.Shutdown(Random.Shared.Next(500, 3000))); // not all at once to the next one
                    metrics.Disconnected("shutdown");
                    return;
                case StreamEnd.SlowConsumer when client.Request.Channels != StreamChannels.OnlyTickers:
                    metrics.Disconnected("too_slow");
                    return; // it comes back with its last id
                case StreamEnd.SlowConsumer:
                    metrics.Conflated();
                    break;
                case StreamEnd.Unrecoverable:
                    await Task.Delay(GonePause, time, writer.Ended);
                    break;
            }
        }
    }
}
