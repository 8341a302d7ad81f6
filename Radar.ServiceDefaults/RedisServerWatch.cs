using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>
/// Checks at start, and then periodically, every server that holds a part of the state: whether it may evict it, whether it is too old, and
/// whether it is a cluster, which has no databases. Logged once, and reported by health for as long as it is so. A server that does not
/// report its policy, such as Garnet, or a user without the right to ask, is no fault.
/// </summary>
internal sealed partial class RedisServerWatch(
    IConnectionMultiplexer redis, TimeProvider time, ILogger<RedisServerWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>The first version that has what Radar asks for.</summary>
    private static readonly Version VersionMin = new(6, 2);

    private volatile string? _warning;

    /// <summary>What is wrong, and the remedy; null where nothing is known of it.</summary>
    public string? Warning => _warning;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Other components log that Redis is away; its settings are unchanged or unknown.
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What INFO amounts to; null where keys are not evicted.</summary>
    /// <param name="address">Of the server.</param>
    /// <param name="info">The answer to INFO of the sections memory and stats.</param>
    internal static string? Describe(string address, string info)
    {
        // Radar's keys never expire, so the policies named volatile-… evict none of them.
        if (Value(info, "maxmemory_policy") is not { } policy || !policy.StartsWith("allkeys-", StringComparison.Ordinal)
            || !long.TryParse(Value(info, "maxmemory"), NumberStyles.None, CultureInfo.InvariantCulture, out long limit) || limit == 0)
            return null;
        string evicted = Value(info, "evicted_keys") is { } count && count != "0" ? $"; it has evicted {count} keys since it started" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Redis at {address} evicts keys of the state when its memory is full (maxmemory {limit} bytes, maxmemory-policy "
            + $"{LogText.Of(policy)}{LogText.Of(evicted)}). Set maxmemory-policy noeviction.");
    }

    /// <summary>What a version amounts to; null where it is new enough.</summary>
    internal static string? Describe(string address, Version version) => version >= VersionMin
        ? null
        : $"Redis at {address} is version {version}, which lacks commands that Radar uses. Use {VersionMin} or later.";

    /// <summary>What a cluster amounts to; null where the database is its only one.</summary>
    internal static string? Describe(string address, ServerType type, int database) => type != ServerType.Cluster || database <= 0
        ? null
        : $"Redis at {address} is a cluster, which has database 0 only, and ConnectionStrings:redis names "
            + $"{database.ToString(CultureInfo.InvariantCulture)}. Leave it out; several states of one Redis have names (Radar:Name).";

    private async Task LookAsync()
    {
        string? warning = null;
        bool isKnown = false;
        foreach (IServer server in redis.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            string address = EndPointCollection.ToString(server.EndPoint) ?? "";
            isKnown = true;
            warning = Describe(address, server.Version) ?? Describe(address, server.ServerType, redis.GetDatabase().Database)
                ?? Describe(address, $"{await server.ExecuteAsync("INFO", "memory")}\n{await server.ExecuteAsync("INFO", "stats")}");
            if (warning is not null)
                break;
        }

        if (!isKnown)
            return;
        if (warning is not null && _warning is null)
            Wrong(warning);
        else if (warning is null && _warning is not null)
            Mended();
        _warning = warning;
    }

    private static string? Value(string info, string name)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.Ordinal))
                return line[(name.Length + 1)..].Trim().ToString();
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private partial void Wrong(string warning);

    [LoggerMessage(2, LogLevel.Information, "What was wrong with Redis is mended.")]
    private partial void Mended();
}
