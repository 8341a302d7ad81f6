using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Endpoints;

/// <summary>The API's reads on the embedded Garnet.</summary>
public sealed class ReadsOnGarnetTests(ReadsOnGarnetTests.Servers servers) : ReadsContractTests, IClassFixture<ReadsOnGarnetTests.Servers>
{
    private protected override ApiWorld World => servers.World;

    public sealed class Servers : IAsyncLifetime
    {
        private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
        private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

        internal ApiWorld World { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _kafka.CreateTopic(ApiWorld.Topic, ApiWorld.Partitions);
            World = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);
        }

        public async Task DisposeAsync()
        {
            await World.DisposeAsync();
            _kafka.Dispose();
            _redis.Dispose();
        }
    }
}

/// <summary>The API's reads while its board follows nothing: everything comes from Redis.</summary>
public sealed class ReadsWithoutBoardTests(ReadsWithoutBoardTests.Servers servers) : ReadsContractTests,
IClassFixture<ReadsWithoutBoardTests.Servers>
{
    private protected override ApiWorld World => servers.World;

    private protected override string[] SpansOfTrades => ["HGET", "LRANGE"];

    public sealed class Servers : IAsyncLifetime
    {
        private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
        private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

        internal ApiWorld World { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _kafka.CreateTopic(ApiWorld.Topic, ApiWorld.Partitions);
            World = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);
            await World.BreakBoardAsync();
        }

        public async Task DisposeAsync()
        {
            await World.DisposeAsync();
            _kafka.Dispose();
            _redis.Dispose();
        }
    }
}

/// <summary>The API's reads on <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class ReadsOnRedisTests(ReadsOnRedisTests.Servers servers) : ReadsContractTests, IClassFixture<ReadsOnRedisTests.Servers>
{
    private protected override ApiWorld World => servers.World!;

    [Requires(Need.RedisServer)]
    public sealed class Servers : IAsyncLifetime
    {
        private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
        private RedisServer? _redis;

        internal ApiWorld? World { get; private set; }

        public async Task InitializeAsync()
        {
            if (Requirement.MissingFor(GetType()) is not null)
                return;
            _redis = await RedisServer.StartAsync();
            _kafka.CreateTopic(ApiWorld.Topic, ApiWorld.Partitions);
            World = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);
        }

        public async Task DisposeAsync()
        {
            if (World is not null)
                await World.DisposeAsync();
            if (_redis is not null)
                await _redis.DisposeAsync();
            _kafka.Dispose();
        }
    }
}
