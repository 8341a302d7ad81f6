using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>What the API keeps in Redis beside the state that it reads.</summary>
[Flags]
public enum KeptRecords
{
    /// <summary>Nothing but which processes run.</summary>
    None = 0,

    /// <summary>Keys, which administrators write.</summary>
    Keys = 1,

    /// <summary>What session cookies are encrypted with, and tickets of streams.</summary>
    Sessions = 2,

    /// <summary>Budgets of callers.</summary>
    Limits = 4,
}

/// <summary>
/// Finds rights that the API's user of Redis lacks, by running each command that the API needs where it does nothing: on keys that do not
/// exist, with a value that is refused (Redis checks rights before values), or on a ticket of its own that is deleted at once. So it needs
/// no right that the API does not need, unlike ACL DRYRUN. <c>probe.lua</c> does the same for the consumer.
/// </summary>
/// <param name="redis">Where the state is.</param>
/// <param name="name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
public sealed class RightsProbe(IConnectionMultiplexer redis, string? name = null)
{
    private const int TicketSeconds = 10;
    private const CommandFlags OnMaster = CommandFlags.DemandMaster;

    private readonly RedisKey _ticket = RedisKeys.TicketOf(name, "probe-" + Guid.NewGuid().ToString("N"));
    private readonly RedisKey _limit = RedisKeys.LimitOf(name, "probe");

    /// <summary>Which rights are missing, with the remedy; null where none is.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<Explanation?> FindMissingAsync(KeptRecords kept)
    {
        var missing = await FindRulesAsync(kept);
        if (missing.Count == 0)
            return null;
        string rules = string.Join(' ', missing.Select(right => right.Rule));
        bool isCommands = missing.All(right => right.Rule == right.Public);
        const string Begin = "The user of ConnectionStrings:redis lacks rights that this service needs: ";
        return new Explanation(
            Begin + string.Join(", ", missing.Select(right => right.Public)) + (isCommands
                ? $". Grant them: ACL SETUSER <user> {rules}."
                : ". Grant them: the log has the ACL SETUSER line, and all rights are in docs/security.md (TLS and rights)."),
            $"{Begin}{rules}. Grant them: ACL SETUSER <user> {rules}; all are in docs/security.md (TLS and rights).");
    }

    /// <summary>The rules of <c>ACL SETUSER</c> that are missing, in the order of docs/security.md.</summary>
    internal async Task<IReadOnlyList<MissingRight>> FindRulesAsync(KeptRecords kept)
    {
        var missing = new List<MissingRight>();
        RedisKey epochKey = RedisKeys.ActiveEpochOf(name);
        string root = epochKey.ToString().Split(':')[0];
        var epoch = await TryAsync(missing, $"%R~{epochKey}", "reading which epoch is served", "GET", epochKey);
        var keys = new RedisKeys(EpochOf(epoch), 0, name);
        RedisKey state = keys.Probe;

        await ReadAllAsync(missing, $"%R~{root}:{{*", state);
        await SubscribeAsync(missing, $"&{root}:{{*", keys);
        await KeepReplicasAsync(missing);
        if (kept.HasFlag(KeptRecords.Keys))
            await KeepKeysAsync(missing);
        if (kept.HasFlag(KeptRecords.Sessions))
            await KeepSessionsAsync(missing);
        if (kept.HasFlag(KeptRecords.Limits))
            await KeepLimitsAsync(missing);
        await ReadTogetherAsync(missing, state);
        return missing;
    }

    private async Task ReadAllAsync(List<MissingRight> missing, string rule, RedisKey state)
    {
        const string What = "reading the keys of the state";
        await TryAsync(missing, rule, What, "HGET", state, "x");
        await TryAsync(missing, rule, What, "HMGET", state, "x");
        foreach (string command in (string[])["HGETALL", "HKEYS", "HLEN", "ZCARD", "TYPE", "EXISTS"])
            await TryAsync(missing, rule, What, command, state);
        await TryAsync(missing, rule, What, "HEXISTS", state, "x");
        await TryAsync(missing, rule, What, "LINDEX", state, 0);
        foreach (string command in (string[])["LRANGE", "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE"])
            await TryAsync(missing, rule, What, command, state, 0, 0);
    }

    /// <summary>A channel may be allowed by its own name only.</summary>
    private async Task SubscribeAsync(List<MissingRight> missing, string rule, RedisKeys keys)
    {
        var refused = await TrySubscribeAsync(RedisChannel.Literal(keys.Probe + ":changes"));
        if (refused is not null && !IsOfCommand(refused, "SUBSCRIBE"))
            refused = await TrySubscribeAsync(RedisChannel.Literal(keys.Changes));
        if (refused is not null)
            Add(missing, refused, rule, "the channels of changes", "SUBSCRIBE");
    }

    private async Task<RedisServerException?> TrySubscribeAsync(RedisChannel channel)
    {
        Action<RedisChannel, RedisValue> nothing = static (_, _) => { };
        try
        {
            await redis.GetSubscriber().SubscribeAsync(channel, nothing);
            return null;
        }
        catch (RedisServerException e)
        {
            return e;
        }
        finally
        {
            await redis.GetSubscriber().UnsubscribeAsync(channel, nothing, CommandFlags.FireAndForget);
        }
    }

    private async Task KeepReplicasAsync(List<MissingRight> missing)
    {
        RedisKey key = RedisKeys.ReplicasOf(name);
        string rule = $"~{key}";
        const string What = "the list of processes";
        await TryAsync(missing, rule, What, "ZREMRANGEBYSCORE", key, 1, 0);
        await TryAsync(missing, rule, What, "ZADD", key, "no number", "x");
        await TryAsync(missing, rule, What, "ZCARD", key);
    }

    private async Task KeepKeysAsync(List<MissingRight> missing)
    {
        RedisKey key = RedisKeys.ApiKeysOf(name);
        string rule = $"~{key}";
        const string What = "the API's keys";
        await TryAsync(missing, rule, What, "HGETALL", key);
        await TryAsync(missing, rule, What, "HSET", key, "probe", "x", "without a value");
        await TryAsync(missing, rule, What, "HINCRBY", key, "probe", "no number");
        await TryAsync(missing, rule, What, "HDEL", key, "probe");
    }

    private async Task KeepSessionsAsync(List<MissingRight> missing)
    {
        RedisKey sessions = RedisKeys.SessionKeysOf(name);
        await TryAsync(missing, $"~{sessions}", "what sessions are encrypted with", "LRANGE", sessions, 0, 0);
        await TryAsync(missing, $"~{sessions}", "what sessions are encrypted with", "ZREMRANGEBYSCORE", sessions, 1, 0);

        string rule = $"~{RedisKeys.TicketOf(name, "*")}";
        const string What = "tickets of streams";
        await TryAsync(missing, rule, What, "SETEX", _ticket, 0, "x"); // no time to live that may be
        await TryAsync(missing, rule, What, "GETDEL", _ticket);
        if (missing.Exists(right => right.Rule == rule || right.Rule is "+setex" or "+getdel"))
            return; // it could not be deleted; whether it may RPUSH is found out when it may do these
        if (await TryAsync(missing, rule, What, "SETEX", _ticket, TicketSeconds, "x") is not null)
            await TryAsync(missing, rule, What, "RPUSH", _ticket, "x"); // the ticket is of another type
        await TryAsync(missing, rule, What, "GETDEL", _ticket);
    }

    private async Task KeepLimitsAsync(List<MissingRight> missing)
    {
        string rule = $"~{RedisKeys.LimitOf(name, "*")}";
        const string What = "limits of callers";
        await TryAsync(missing, rule, What, "HMGET", _limit, "x");
        await TryAsync(missing, rule, What, "HSET", _limit, "probe", "x", "without a value");
        await TryAsync(missing, rule, What, "PEXPIRE", _limit, 1);
        await TryAsync(missing, rule, What, "EVAL", "return 1", 1, _limit);
    }

    /// <summary>Last, since a connection that may not EXEC is of no more use.</summary>
    private async Task ReadTogetherAsync(List<MissingRight> missing, RedisKey state)
    {
        ITransaction transaction = redis.GetDatabase().CreateTransaction();
        _ = transaction.HashExistsAsync(state, "x").ContinueWith(
            static read => read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        try
        {
            await transaction.ExecuteAsync(OnMaster);
        }
        catch (RedisServerException e)
        {
            if (e.Message.Contains("EXEC without MULTI", StringComparison.Ordinal))
                Add(missing, "+multi", "+multi");
            else if (IsOfCommand(e, "EXEC"))
                Add(missing, "+exec", "+exec");
        }
    }

    /// <returns>The answer; null where a right is missing or Redis refused for another reason.</returns>
    private async Task<RedisResult?> TryAsync(
        List<MissingRight> missing, string rule, string what, string command, params object[] arguments)
    {
        try
        {
            return await redis.GetDatabase().ExecuteAsync(command, arguments, OnMaster);
        }
        catch (RedisServerException e)
        {
            Add(missing, e, rule, what, command);
            return null;
        }
    }

    private static void Add(List<MissingRight> missing, RedisServerException refused, string rule, string what, string command)
    {
        if (!refused.Message.Contains("NOPERM", StringComparison.Ordinal))
            return; // a value that is none, or a key of another type: the command is allowed
        if (IsOfCommand(refused, command))
            (rule, what) = ("+" + command.ToLowerInvariant(), "+" + command.ToLowerInvariant());
        Add(missing, rule, what);
    }

    private static void Add(List<MissingRight> missing, string rule, string what)
    {
        if (!missing.Exists(right => right.Rule == rule))
            missing.Add(new MissingRight(rule, what));
    }

    private static bool IsOfCommand(RedisServerException refused, string command) =>
        refused.Message.Contains(string.Create(CultureInfo.InvariantCulture, $"'{command}'"), StringComparison.OrdinalIgnoreCase);

    private static string EpochOf(RedisResult? stored)
    {
        try
        {
            return stored is null ? RedisKeys.FirstEpoch : RedisKeys.ReadEpoch("epoch", (RedisValue)stored) ?? RedisKeys.FirstEpoch;
        }
        catch (DamagedStateException)
        {
            return RedisKeys.FirstEpoch; // others report it
        }
    }
}

/// <summary>A right that is missing.</summary>
/// <param name="Rule">For <c>ACL SETUSER</c>.</param>
/// <param name="Public">The same without names of keys.</param>
internal sealed record MissingRight(string Rule, string Public);
