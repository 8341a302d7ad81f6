using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>The store on the embedded Garnet.</summary>
public sealed class StoreOnGarnetTests(StoreOnGarnetTests.Server server) : StoreContractTests, IClassFixture<StoreOnGarnetTests.Server>
{
    protected override IConnectionMultiplexer Redis => server.Client;

    public sealed class Server : IDisposable
    {
        private readonly EmbeddedRedis _garnet = EmbeddedRedis.Start();

        public Server() => Client = PatientRedis.Connect(_garnet.Address);

        public ConnectionMultiplexer Client { get; }

        public void Dispose()
        {
            Client.Dispose();
            _garnet.Dispose();
        }
    }
}

/// <summary>The store on <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class StoreOnRedisTests(RedisOnPath server) : StoreContractTests, IClassFixture<RedisOnPath>
{
    protected override IConnectionMultiplexer Redis => server.Client;
}
