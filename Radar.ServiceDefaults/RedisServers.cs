using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>The Redis of the connection string, for messages.</summary>
public sealed class RedisServers(IConnectionMultiplexer redis)
{
    /// <inheritdoc cref="RedisRegistration.Addresses"/>
    public string Addresses => redis.Addresses();
}
