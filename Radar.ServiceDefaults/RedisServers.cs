using Radar.Market;
using Radar.ServiceDefaults.Tls;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>The Redis of the connection string, for messages.</summary>
public sealed class RedisServers
{
    private const string NoRedis = "no Redis answers there with these settings; with TLS it needs ssl=true";

    private const string NoHandshake = "no connection, and no server showed a certificate; one without TLS needs redis://, or ssl=false";

    private readonly IConnectionMultiplexer _redis;
    private readonly CertificateCheck? _certificates;
    private volatile string? _cause;

    /// <param name="redis">The client.</param>
    /// <param name="advice">What to look at where it does not answer, a sentence.</param>
    public RedisServers(IConnectionMultiplexer redis, string advice = "Check ConnectionStrings:redis.")
        : this(redis, advice, certificates: null)
    {
    }

    /// <inheritdoc cref="RedisServers(IConnectionMultiplexer, string)"/>
    internal RedisServers(IConnectionMultiplexer redis, string advice, CertificateCheck? certificates)
    {
        (_redis, Advice, _certificates) = (redis, advice, certificates);

        // A command that finds no connection does not say why there is none.
        redis.ConnectionFailed += (_, failed) =>
        {
            string? cause = RedisFault.CauseOf(failed.Exception);
            if (cause is not null and not RedisFault.NoTls)
                _certificates?.Forget();
            _cause = cause ?? (failed.FailureType == ConnectionFailureType.UnableToConnect ? NoRedis : _cause);
        };
        redis.ConnectionRestored += (_, _) => _cause = null;
    }

    /// <inheritdoc cref="RedisRegistration.Addresses"/>
    public string Addresses => _redis.Addresses();

    /// <summary>What to look at where it does not answer, a sentence.</summary>
    public string Advice { get; }

    /// <summary>What went wrong, in a few words: <see cref="RedisFault.Of"/>, and why the connection failed.</summary>
    public Explanation Reason(Exception e) =>
        RedisFault.Of(e, _certificates?.Fault ?? _cause ?? (_certificates is { HasSeenOne: false } ? NoHandshake : null));

    /// <summary>
    /// For programs that end with the failure: their first command may come between two attempts to connect, when the client does not
    /// know why the last one failed. Asks again, for a second at most.
    /// </summary>
    /// <returns>The failure with its cause, or as it was.</returns>
    public async Task<Exception> WithCauseAsync(Exception e)
    {
        for (int attempt = 0; attempt < 10 && e is RedisConnectionException && RedisFault.CauseOf(e) is null; attempt++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            try
            {
                await _redis.GetDatabase().PingAsync();
                return e;
            }
            catch (RedisException again)
            {
                e = again;
            }
        }

        return e;
    }
}
