using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Connections;

/// <summary>The whole path on each form of Redis: the state is byte for byte that of a single server.</summary>
public sealed class RedisTopologyTests(RedisTopologyTests.World world) : IClassFixture<RedisTopologyTests.World>
{
    private const string Topic = "topologies";

    [RequiresTheory(Need.RedisServer)]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Either_protocol_of_Redis_gives_the_same_state_and_answers(string protocol)
    {
        await using var redis = await RedisProcess.StartAsync(RedisProcess.Plain);
        await AssertServesAsync($"{redis.Address},protocol={protocol}");
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Redis_Cluster_has_the_same_state_and_the_API_keeps_all_its_records_there()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await AssertServesAsync(cluster.Addresses);
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Database_of_a_Redis_Cluster_that_is_not_0_is_named_with_the_mend()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var path = world.Path($"{cluster.Addresses},defaultDatabase=3", "database");
        var health = (await path.StartConsumerAsync()).Services.GetRequiredService<HealthCheckService>();

        await Wait.ForAsync(
            () => health.CheckHealthAsync(),
            report => report.Entries.Any(entry => entry.Value.Description?.Contains("database 0 only", StringComparison.Ordinal) == true),
            report => Task.FromResult(string.Join(' ', report.Entries.Select(entry => entry.Value.Description))));
    }

    [RequiresFact(Need.RedisServer)]
    public async Task After_a_Sentinel_has_promoted_the_replica_the_state_converges_and_the_API_serves_again()
    {
        await using var redis = await RedisSentinel.StartAsync();
        await using var path = world.Path(redis.Connection, "sentinel");
        using var api = await path.StartApiAsync("--Auth:Mode=none");
        await path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(api);
        Task produced = path.ProduceAsync(
            "--Producer:Synthetic:Count=8000", "--Producer:Synthetic:Rate=2000", "--Producer:Synthetic:Seed=2");
        await Task.WhenAny(produced, Wait.UntilAsync(async () => (await path.CountAsync()) > 4000, "more is applied"));

        redis.KillPrimary();
        await produced;
        await RadarPath.BacklogAppliedAsync(api);

        await using var promoted = await PatientRedis.ConnectAsync(redis.Replica + ",allowAdmin=true");
        await using var undisturbed = await world.UndisturbedAsync("sentinel-undisturbed");
        RedisDump.AssertSame(
            await RedisDump.OfAsync(undisturbed.Redis, "radar:{*"), await RedisDump.OfAsync(promoted, "radar:{*"), "The state is another.");
        var health = await Wait.ForAsync(
            () => RadarPath.GetAsync(api, "/health"), answer => (string?)answer["status"] == "Healthy",
            answer => Task.FromResult(answer.ToJsonString()));
        Assert.NotNull(health);
        Assert.NotEmpty((await RadarPath.GetAsync(api, "/api/v2/tickers"))["tickers"]!.AsArray());
    }

    private async Task AssertServesAsync(string redis)
    {
        string group = Guid.NewGuid().ToString("N");
        await using var path = world.Path(redis, group);
        await path.StartConsumerAsync();
        string key = await ApiUse.NewKeyAsync("--ConnectionStrings:redis=" + redis);
        using var api = await path.StartApiAsync("--Auth:Mode=keys");
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await RadarPath.BacklogAppliedAsync(api);
        await using var undisturbed = await world.UndisturbedAsync(group + "-undisturbed");
        RedisDump.AssertSame(
            await RedisDump.OfAsync(undisturbed.Redis, "radar:{*"), await RedisDump.OfAsync(path.Redis, "radar:{*"),
            "The state is another.");
        await ApiUse.AllAsync(api, key);
    }

    /// <summary>A topic with ticks and one refused record, on an embedded broker.</summary>
    public sealed class World : IAsyncLifetime
    {
        private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

        public async Task InitializeAsync()
        {
            if (RedisServer.Find() is null)
                return;
            _kafka.CreateTopic(Topic, 3);
            _kafka.CreateTopic(Topic + ".dlq", 3);
            await using var path = Path("127.0.0.1:1", "none");
            await path.ProduceAsync("--Producer:Synthetic:Count=3000", "--Producer:Synthetic:Rate=0");
            await path.SendAsync(("BAD", "no tick"));
        }

        public Task DisposeAsync()
        {
            _kafka.Dispose();
            return Task.CompletedTask;
        }

        internal RadarPath Path(string redis, string group) => new(
            _kafka, redis, Topic,
            [
                "--Kafka:Partitions=3", $"--Kafka:TopicIdentity={Topic}", $"--Kafka:ConsumerGroup={group}", "--Producer:Source=synthetic",
                "--Producer:Synthetic:PastMinutes=0",
            ]);

        /// <summary>The state of the whole topic in a single server.</summary>
        internal async Task<Undisturbed> UndisturbedAsync(string group)
        {
            var redis = await RedisProcess.StartAsync(RedisProcess.Plain);
            var path = Path(redis.Address, group);
            using var api = await path.StartApiAsync("--Auth:Mode=none");
            await path.StartConsumerAsync();
            await RadarPath.BacklogAppliedAsync(api);
            return new Undisturbed(redis, path);
        }
    }

    internal sealed class Undisturbed(RedisProcess server, RadarPath path) : IAsyncDisposable
    {
        public StackExchange.Redis.IConnectionMultiplexer Redis => path.Redis;

        public async ValueTask DisposeAsync()
        {
            await path.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
