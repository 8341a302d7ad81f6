using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>Streams over the embedded Garnet.</summary>
public sealed class StreamOnGarnetTests : StreamContractTests, IDisposable
{
    private readonly EmbeddedRedis _garnet = EmbeddedRedis.Start();

    protected override string Redis => _garnet.Address;

    public void Dispose() => _garnet.Dispose();
}

/// <summary>Streams over <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class StreamOnRedisTests(RedisOnPath server) : StreamContractTests, IClassFixture<RedisOnPath>
{
    protected override string Redis => server.Address;
}
