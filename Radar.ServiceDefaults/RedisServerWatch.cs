using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Radar.Market;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>
/// Checks at start, and then periodically, every server that holds a part of the state: whether it may evict it, whether it is too old, and
/// whether it has the database: a cluster has none but 0. Logged once, and reported by health for as long as it is so. A server that does
/// not report its policy, such as Garnet, or a user without the right to ask, is no fault. Rights that the service needs and its user lacks
/// are reported in the same way, by this class alone: whoever is refused one says so here.
/// </summary>
public sealed partial class RedisServerWatch : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>The start does not wait longer for a server that is connected and does not answer.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a refusal counts: the feed of a partition tries again each quarter of a second.</summary>
    private static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(15);

    /// <summary>The first version that has what Radar asks for.</summary>
    private static readonly Version VersionMin = new(6, 2);

    private readonly IConnectionMultiplexer _redis;
    private readonly RedisNeeds? _needs;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisServerWatch> _logger;
    private volatile TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _warning;
    private volatile Explanation? _missing;
    private volatile Refusal? _refused;
    private bool _hasLooked;
    private bool _wasFound; // by the last look, beside what was refused

    internal RedisServerWatch(
        IConnectionMultiplexer redis, TimeProvider time, ILogger<RedisServerWatch> logger, RedisNeeds? needs = null) =>
        (_redis, _time, _logger, _needs) = (redis, time, logger, needs);

    /// <summary>What is wrong, and the remedy, for health; null where nothing is known of it.</summary>
    public string? Warning => _missing?.Public ?? _warning;

    /// <summary>Redis refused this service a right. It is looked at now what is missing in all.</summary>
    public void Refused(Explanation right)
    {
        _refused = new Refusal(right, _time.GetTimestamp());
        if (_missing is null)
            _woken.TrySetResult();
    }

    /// <summary>Looks before other components ask Redis for anything, so that a right that is missing is named first, and once.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryLookAsync().WaitAsync(StartTimeout, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool isDue = !_hasLooked;
        while (!stoppingToken.IsCancellationRequested)
        {
            if (isDue)
                await TryLookAsync();
            isDue = true;
            await _woken.Task.WaitAsync(Every, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task TryLookAsync()
    {
        try
        {
            await LookAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Other components log that Redis is away; its settings are unchanged or unknown.
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

    /// <summary>What a database that the server does not have amounts to; null where it has it, or does not say how many it has.</summary>
    internal static string? Describe(string address, int databases, int database) => databases <= 0 || database < databases
        ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Redis at {address} has databases 0 to {databases - 1}, and ConnectionStrings:redis names {database}. Name one that it has, "
            + $"or raise its setting databases.");

    private async Task LookAsync()
    {
        string? warning = null;
        bool isKnown = false;
        try
        {
            await LookAtRightsAsync();
        }
        catch (RedisCommandException)
        {
            // Its client asks a database that is not there for nothing; that is described below.
        }

        foreach (IServer server in _redis.GetServers().Where(server => server.IsConnected && !server.IsReplica))
        {
            string address = EndPointCollection.ToString(server.EndPoint) ?? "";
            isKnown = true;
            int database = _redis.GetDatabase().Database;
            warning = Describe(address, server.Version) ?? Describe(address, server.ServerType, database)
                ?? Describe(address, server.DatabaseCount, database)
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

    private async Task LookAtRightsAsync()
    {
        if (!_redis.GetServers().Any(static server => server.IsConnected))
            return;
        var found = _needs is null ? null : await _needs.FindMissingAsync();
        if (found is null && _wasFound)
            _refused = null; // it was for want of what is granted now
        _wasFound = found is not null;
        var missing = found ?? (_refused is { } refused && _time.GetElapsedTime(refused.At) < RefusedFor ? refused.Right : null);
        _hasLooked = true;
        if (missing is not null && missing != _missing)
            RightsMissing(_redis.Addresses(), missing.Detailed);
        else if (missing is null && _missing is not null)
            RightsGranted(_redis.Addresses());
        _missing = missing;
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

    [LoggerMessage(3, LogLevel.Error, "Redis at {Address}: {Reason}")]
    private partial void RightsMissing(string address, string reason);

    [LoggerMessage(4, LogLevel.Information, "Redis at {Address}: no right is missing any more.")]
    private partial void RightsGranted(string address);

    private sealed record Refusal(Explanation Right, long At);
}
