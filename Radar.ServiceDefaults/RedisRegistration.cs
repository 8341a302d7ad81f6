using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults.Tls;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>Registers <see cref="IConnectionMultiplexer"/> from <c>ConnectionStrings:redis</c>, with its health check.</summary>
public static class RedisRegistration
{
    private const string Name = "redis";

    private const string ServerName =
        "write one of these names into ConnectionStrings:redis, or name the one that it has there with sslHost=";

    /// <summary>
    /// How often the client looks which server is the primary, at most; its default is 60 s, too long for a write to wait.
    /// </summary>
    private const int RoleCheckSeconds = 10;

    /// <summary>Adds the Redis client, by Aspire's registration, and what reads the state and the API's keys.</summary>
    /// <remarks>
    /// An unreachable server does not fail the start: the client keeps retrying, the services wait and log it. Aspire's tracing of
    /// single commands and its health check are off; spans here are per batch and per read, and the check is ours.
    /// </remarks>
    /// <param name="builder">The service.</param>
    /// <param name="whenAway">What the service is while Redis does not answer.</param>
    public static WebApplicationBuilder AddRadarRedis(this WebApplicationBuilder builder, HealthStatus whenAway = HealthStatus.Unhealthy)
    {
        var address = builder.ReadConnectionString(Name, RedisConnectionString.Parse);
        bool usesTls = address.ToOptions().Ssl;
        builder.Services.AddCheckedOptions<RedisOptions>(RedisOptions.Section).AddSingleton<IValidateOptions<RedisOptions>>(
            new RedisOptionsRules(usesTls));
        var tls = builder.Configuration.ReadEarly<RedisOptions>(RedisOptions.Section);
        var certificates = new CertificateCheck(
            tls.CaFile is { } file ? () => CertificateCheck.ReadCas(file) : null,
            new TlsSettings($"{RedisOptions.Section}:{nameof(RedisOptions.CaFile)}", ServerName));

        builder.AddRedisClient(
            Name,
            settings =>
            {
                settings.ConnectionString = address.WithoutCredentials; // the client's own form cannot have every password
                settings.DisableTracing = true;
                settings.DisableHealthChecks = true;
            },
            options =>
            {
                address.AddCredentials(options);
                Configure(options);
                if (usesTls)
                    UseCertificates(options, tls, certificates);
            });
        string advice = ServerAdvice.Of(builder.Configuration, Name);
        builder.Services.AddSingleton(
            services => new RedisServers(services.GetRequiredService<IConnectionMultiplexer>(), advice, usesTls ? certificates : null));
        AddStore(static (redis, name) => new MarketReader(redis, name));
        AddStore(static (redis, name) => new ApiKeyRecords(redis, name));
        AddStore(static (redis, name) => new SessionKeyRecords(redis, name));
        AddStore(static (redis, name) => new TicketRecords(redis, name));
        AddStore(static (redis, name) => new LimitRecords(redis, name));
        AddStore(static (redis, name) => new RightsProbe(redis, name));
        builder.Services.AddSingleton(static services => new RedisServerWatch(
            services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<RedisServerWatch>>(), services.GetService<RedisNeeds>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<RedisServerWatch>());
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>(Name, whenAway);
        return builder;

        void AddStore<T>(Func<IConnectionMultiplexer, string?, T> create)
            where T : class =>
            builder.Services.AddSingleton(services => create(
                services.GetRequiredService<IConnectionMultiplexer>(), services.GetRequiredService<IOptions<RadarOptions>>().Value.Name));
    }

    /// <summary>
    /// Where the client looks for Redis, <c>host:port,host:port</c>; nothing else of the connection string, which may contain a password.
    /// </summary>
    public static string Addresses(this IConnectionMultiplexer redis) =>
        string.Join(',', redis.GetEndPoints(configuredOnly: true).Select(EndPointCollection.ToString));

    private static void Configure(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = false;
        options.ConnectRetry = 1; // the first attempt blocks the start; the others are made behind it, until one succeeds
        options.BacklogPolicy = BacklogPolicy.FailFast; // a write that waits past a reconnect would be fenced off anyway
        options.ConfigCheckSeconds = Math.Min(options.ConfigCheckSeconds, RoleCheckSeconds);
        options.ClientName = "radar";
        options.ConfigurationChannel = ""; // only other tools of this client publish there; a user with few rights may not listen
        options.TieBreaker = ""; // nor read this key, which only they write
        options.AllowAdmin = true; // of the commands that the client keeps for administrators, INFO is asked: RedisServerWatch
    }

    private static void UseCertificates(ConfigurationOptions options, RedisOptions tls, CertificateCheck certificates)
    {
        options.CertificateValidation += certificates.IsTrusted;
        if (tls.ClientCertificateFile is not null)
            options.CertificateSelection += (_, _, _, _, _) => tls.ReadClientCertificate();
    }

    private sealed class RedisHealthCheck(
        IConnectionMultiplexer redis, RedisServers servers, RedisServerWatch watch, TimeProvider time) : IHealthCheck
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await redis.GetDatabase().PingAsync().WaitAsync(Timeout, time, cancellationToken); // a frozen server holds it for longer
                return watch.Warning is { } warning
                    ? HealthCheckResult.Degraded(warning)
                    : HealthCheckResult.Healthy($"Redis at {redis.Addresses()} answers.");
            }
            catch (Exception e) when (StoreFaults.IsAway(e))
            {
                return new HealthCheckResult(
                    context.Registration.FailureStatus,
                    $"Redis at {servers.Addresses} does not answer ({servers.Reason(e).Public}). {servers.Advice}");
            }
        }
    }
}
