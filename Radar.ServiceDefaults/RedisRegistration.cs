using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>Registers <see cref="IConnectionMultiplexer"/> from <c>ConnectionStrings:redis</c>, with its health check.</summary>
public static class RedisRegistration
{
    private const string Name = "redis";

    /// <summary>Adds the Redis client by Aspire's registration.</summary>
    /// <remarks>
    /// An unreachable server does not fail the start: the client goes on trying, the services wait and say so. Aspire's tracing of
    /// single commands and its health check are off; spans here are per batch and per read, and the check is ours.
    /// </remarks>
    public static WebApplicationBuilder AddRadarRedis(this WebApplicationBuilder builder)
    {
        string address = builder.RequireConnectionString(Name);
        try
        {
            Configure(ConfigurationOptions.Parse(address));
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"ConnectionStrings:{Name} cannot be read: {e.Message}");
        }

        // The client logs each connection in some fifty lines; what a person must know, the services log themselves.
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.Warning);
        builder.AddRedisClient(
            Name,
            settings =>
            {
                settings.DisableTracing = true;
                settings.DisableHealthChecks = true;
            },
            Configure);
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>(Name);
        return builder;
    }

    private static void Configure(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = false;
        options.ConnectRetry = 1; // the first attempt blocks the start; the others are made behind it, until one succeeds
        options.BacklogPolicy = BacklogPolicy.FailFast; // a write that waits past a reconnect would be fenced off anyway
        options.ClientName = "radar";
    }

    private sealed class RedisHealthCheck(IConnectionMultiplexer redis) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await redis.GetDatabase().PingAsync().WaitAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                return HealthCheckResult.Unhealthy($"Redis does not answer ({e.GetType().Name}). Check ConnectionStrings:{Name}.");
            }
        }
    }
}
