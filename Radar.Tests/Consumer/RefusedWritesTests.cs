using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Consumer;

/// <summary>
/// A Redis that answers reads and refuses every write: what consumer and API say meanwhile, and that nothing is lost or doubled.
/// </summary>
public sealed class RefusedWritesTests
{
    /// <summary>Two partitions, each tried again once.</summary>
    private const int FailuresAwaited = 4;

    private static readonly (string Partition0, string Partition1) Symbols = ("D", "A"); // by librdkafka's partitioner

    /// <summary>The kinds side by side: each takes as long as the pauses between the tries.</summary>
    [RequiresFact(Need.RedisServer)]
    public async Task Redis_that_refuses_writes_is_named_with_the_mend_while_reads_go_on_and_everything_is_applied_once_it_takes_them()
    {
        await Task.WhenAll(
            RunAsync("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", "Raise maxmemory"),
            RunAsync("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0", "min-replicas-to-write"),
            RunAsync("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", "Point ConnectionStrings:redis at the primary"));
    }

    /// <summary>Without an epoch it has no partitions, and must not say that all of them are well.</summary>
    [RequiresFact(Need.RedisServer)]
    public async Task Consumer_that_finds_no_epoch_and_may_not_begin_one_is_not_healthy()
    {
        await using var world = await World.StartAsync();
        await world.CommandAsync("CONFIG SET maxmemory 1");
        using var lines = new LogLines();

        var consumer = await world.StartConsumerAsync(lines);

        Assert.StartsWith(
            "Redis: Its memory is full", await PartitionsHealth.StoppedAsync(consumer, "Raise maxmemory"), StringComparison.Ordinal);
        Assert.Contains("Error: Nothing is applied: Redis at", lines.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("does not answer", lines.Text, StringComparison.Ordinal);
        await world.CommandAsync("CONFIG SET maxmemory 0");
        await world.SendAsync(1);
        await world.AppliedAsync([1]);
    }

    private static async Task RunAsync(string refuse, string allow, string remedy)
    {
        await using var world = await World.StartAsync();
        using var lines = new LogLines();
        using var failures = new Failures();
        WebApplication consumer = await world.StartConsumerAsync(lines);
        await world.SendAsync(1);
        await world.AppliedAsync([1]);

        await world.CommandAsync(refuse);
        await world.SendAsync(2);
        await PartitionsHealth.StoppedAsync(consumer, remedy);
        await Wait.UntilAsync(
            async () =>
            {
                HealthReportEntry partitions = await PartitionsHealth.OfAsync(consumer);
                Assert.NotEqual(HealthStatus.Healthy, partitions.Status);
                Assert.Contains("do not advance: Redis at ", partitions.Description, StringComparison.Ordinal);
                Assert.Contains(remedy, partitions.Description, StringComparison.Ordinal);
                JsonObject ticker = await RadarPath.GetAsync(world.Api, $"/api/v2/tickers/{Symbols.Partition0}");
                Assert.Equal(1, (decimal)ticker["p"]!);
                return partitions.Status == HealthStatus.Unhealthy && failures.Of(consumer) >= FailuresAwaited
                    && (bool)ticker["meta"]!["stale"]!;
            },
            $"writes were tried again, answers are stale, and health is unhealthy at last; {remedy}");
        Assert.Single(lines.Text.Split('\n'), line => line.Contains("does not advance", StringComparison.Ordinal));
        Assert.DoesNotContain("advances again", lines.Text, StringComparison.Ordinal);

        await world.StopAsync(consumer);
        consumer = await world.StartConsumerAsync(lines);
        await PartitionsHealth.StoppedAsync(consumer, remedy);

        await world.CommandAsync(allow);
        await world.AppliedAsync([1, 2]);
        await Wait.UntilAsync(
            async () =>
                (await PartitionsHealth.OfAsync(consumer)).Status == HealthStatus.Healthy, $"the consumer is healthy again; {remedy}");
    }

    /// <summary>A broker with two partitions, a Redis that takes commands, and an API that calls answers stale soon.</summary>
    private sealed class World(
        EmbeddedKafka kafka, RedisServer server, ConnectionMultiplexer admin, RadarPath path, HttpClient api) : IAsyncDisposable
    {
        private const string Topic = "refused-writes";

        public HttpClient Api => api;

        public static async Task<World> StartAsync()
        {
            var kafka = EmbeddedKafka.Start();
            kafka.CreateTopic(Topic, 2);
            kafka.CreateTopic(Topic + ".dlq", 1);
            var server = await RedisServer.StartAsync();
            var path = new RadarPath(
                kafka, server.Address + ",configCheckSeconds=1", Topic,
                "--Kafka:TopicIdentity=test", "--Api:StaleAfterMs=500", "--Api:LagIntervalMs=100");
            return new World(
                kafka, server, await PatientRedis.ConnectAsync(server.Address + ",allowAdmin=true"), path, await path.StartApiAsync());
        }

        public async Task<WebApplication> StartConsumerAsync(LogLines lines)
        {
            WebApplication consumer = path.BuildConsumer("--Logging:LogLevel:Radar.Consumer=Information");
            consumer.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
            await consumer.StartAsync();
            return consumer;
        }

        public Task StopAsync(WebApplication consumer) => path.StopAsync(consumer);

        public async Task CommandAsync(string command)
        {
            string[] words = command.Split(' ');
            await admin.GetServers()[0].ExecuteAsync(words[0], [.. words[1..]]);
        }

        /// <summary>A tick of a symbol of each partition.</summary>
        public Task SendAsync(int price) => path.SendAsync([.. Each.Select(
            symbol => ((string?)symbol, (string?)$$"""{"symbol":"{{symbol}}","price":{{price}},"timestamp":{{price}}}"""))]);

        /// <summary>Waits until everything is applied, and looks that each tick was so once.</summary>
        public async Task AppliedAsync(int[] prices)
        {
            await Wait.UntilAsync(async () => await path.CountAsync() >= 2 * prices.Length, "all ticks are applied");
            await RadarPath.BacklogAppliedAsync(api);
            foreach (string symbol in Each)
            {
                var trades = await RadarPath.AllAsync(api, $"/api/v2/trades/{symbol}?limit=10", "trades");
                Assert.Equal(prices, trades.Select(trade => (int)(decimal)trade["p"]!));
            }

            Assert.Equal(2 * prices.Length, await path.CountAsync());
        }

        public async ValueTask DisposeAsync()
        {
            api.Dispose();
            await path.DisposeAsync();
            await admin.DisposeAsync();
            await server.DisposeAsync();
            kafka.Dispose();
        }

        private static string[] Each => [Symbols.Partition0, Symbols.Partition1];
    }

    /// <summary>Counts writes that failed, by host.</summary>
    private sealed class Failures : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly System.Collections.Concurrent.ConcurrentDictionary<object, int> _counts = [];

        public Failures()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "radar.consumer.failures" && instrument.Meter.Scope is { } host)
                    listener.EnableMeasurementEvents(instrument, host);
            };
            _listener.SetMeasurementEventCallback<long>(
                (_, value, _, host) => _counts.AddOrUpdate(host!, (int)value, (_, count) => count + (int)value));
            _listener.Start();
        }

        public int Of(WebApplication host) => _counts.GetValueOrDefault(host.Services.GetRequiredService<IMeterFactory>());

        public void Dispose() => _listener.Dispose();
    }
}
