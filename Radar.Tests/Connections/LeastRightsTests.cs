using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using Radar.Tests.Market.Store;
using StackExchange.Redis;

namespace Radar.Tests.Connections;

/// <summary>
/// The rights that docs/security.md gives the users of Redis: with them everything works, without any one of them something fails.
/// </summary>
public sealed class LeastRightsTests(RedisOnPath server) : IClassFixture<RedisOnPath>
{
    private const string Consumer = "radar-consumer", Api = "radar-api";
    private const long Noon = 1_723_204_800_000; // 2024-08-09T12:00:00Z

    /// <summary>Of the connection, not of what is done with it: the client does without, or says itself that it cannot.</summary>
    private static readonly string[] OfConnection =
    [
        "+ping", "+echo", "+hello", "+client|setname", "+client|id", "+info", "+select", "+unsubscribe",
        "+watch", "+unwatch", // without it two administrators at once could overwrite each other
        "+script|load", "+evalsha", // without it scripts are sent whole
    ];

    private const string OfAnotherType = "OTHER";

    private static readonly RedisKeys Keys = new(RedisKeys.FirstEpoch, 0);
    private static readonly TopicIdentity Topic = new("market-ticks", "id-1", 1);

    [RequiresFact(Need.RedisServer)]
    public async Task Consumer_writes_and_restarts_a_state_with_its_rights_and_names_each_that_is_taken_away() =>
        await EachAsync(Consumer, ConsumesAsync);

    [RequiresFact(Need.RedisServer)]
    public async Task Api_reads_the_state_and_keeps_its_records_with_its_rights_and_names_each_that_is_taken_away()
    {
        await GrantAsync(Consumer, SecurityDocument.RedisRulesOf(Consumer));
        await using (var consumer = await ConnectAsync(Consumer))
            await ConsumesAsync(consumer);
        await EachAsync(Api, AsksAsync, ProbesAsync);
    }

    /// <summary>The probe at the API's start: it names the right that is missing, and no other, and changes nothing.</summary>
    private async Task ProbesAsync(ConnectionMultiplexer user, string? without)
    {
        string before = await DumpAsync();

        var missing = await new RightsProbe(user).FindRulesAsync(KeptRecords.Keys | KeptRecords.Sessions | KeptRecords.Limits);

        Assert.Equal(without is null ? [] : [without], missing.Select(static right => right.Rule));
        Assert.Equal(before, await DumpAsync());

        // All but tickets and limits of before, which end by themselves.
        async Task<string> DumpAsync() =>
            await RedisDump.OfAsync(server.Client, "radar:[^lt]*") + await RedisDump.OfAsync(server.Client, "radar:*:probe*");
    }

    private async Task EachAsync(
        string user, Func<ConnectionMultiplexer, Task> work, Func<ConnectionMultiplexer, string?, Task>? probe = null)
    {
        string[] rules = SecurityDocument.RedisRulesOf(user);
        Assert.True(rules.Length > 20);
        await GrantAsync(user, rules);
        await using (var client = await ConnectAsync(user))
        {
            await work(client);
            await (probe?.Invoke(client, null) ?? Task.CompletedTask);
        }

        var notNeeded = new List<string>();
        foreach (string rule in rules.Except(["reset", "on", .. OfConnection]))
        {
            await GrantAsync(user, rules.Except([rule]));
            await server.Client.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH"); // so that each run sends the scripts
            await using var client = await ConnectAsync(user);
            await (probe?.Invoke(client, rule) ?? Task.CompletedTask);
            var refused = await Record.ExceptionAsync(() => work(client));
            string? named = refused is null ? null : RedisRightsException.Explain(refused)?.Detailed;
            if (refused is null)
                notNeeded.Add(rule);
            else
                Assert.True(
                    named is not null && (!rule.StartsWith('+') || named.Contains(rule[1..], StringComparison.OrdinalIgnoreCase)
                        || named.Contains("EXECABORT", StringComparison.Ordinal)
                        || named.Contains("of a script", StringComparison.Ordinal)), // neither of which says which command it is
                    $"{rule}: {named ?? refused.ToString()}");
        }

        Assert.Empty(notNeeded);
    }

    /// <summary>What a consumer asks of Redis.</summary>
    private async Task ConsumesAsync(ConnectionMultiplexer user)
    {
        await server.Client.GetDatabase().StringSetAsync(Keys.Bars(Timeframe.Minute, OfAnotherType), "x");
        IDatabase redis = user.GetDatabase();
        var reader = new MarketReader(user);
        var first = await OpenAsync(redis);
        await first.NameEpochAsync();
        await AddAsync(first, Noon);
        var second = await OpenAsync(redis); // knows no symbol, so it loads A, and then an older bar of it
        second.LimitSymbols(1);
        Assert.Equal(SymbolAdmission.Unknown, second.TryAdd(new AppliedTick(new Tick("A", 1m, Noon), second.Position!.Value.Offset)));
        await second.ReadSymbolLimitAsync();
        await AddAsync(second, Noon, Noon - 7_200_000);
        Assert.True(await second.MarkAsync(""));

        // What the scrub of the state reads.
        Assert.NotNull(await reader.LayoutAsync());
        foreach (string symbol in await reader.CheckAsync(Keys))
            await reader.CheckAsync(Keys, symbol);
        await FindsAnotherTypeAsync(reader);
        Assert.True(await second.RestartAsync(new PartitionPosition(second.Position!.Value.Offset, Topic, 0)));
        await AddAsync(await OpenAsync(redis), Noon);
    }

    /// <summary>What an API asks of Redis.</summary>
    private static async Task AsksAsync(ConnectionMultiplexer user)
    {
        var now = DateTimeOffset.UnixEpoch.AddMilliseconds(Noon);
        string id = Guid.NewGuid().ToString("N")[..12];
        var reader = new MarketReader(user);
        var layout = (await reader.LayoutAsync())!.Value;
        await using (await reader.SubscribeAsync(Keys, static _ => { }))
            Assert.NotNull((await reader.PositionsAsync(layout))[0]);
        Assert.NotNull(await reader.FindAsync(layout, "A"));
        Assert.Null(await reader.FindAsync(layout, "UNKNOWN"));
        await reader.SymbolsAsync(Keys);
        await reader.SymbolCountAsync(Keys);
        await reader.SymbolRecordsAsync(Keys, symbols: null);
        await reader.SymbolRecordsAsync(Keys, ["A"]);
        await reader.SnapshotsAsync(Keys, ["A"]);
        await reader.PastAsync(Keys, ["A"], Noon, Timeframe.Day);
        await reader.TradesAsync(Keys, "A", 1, newest: true);
        foreach (bool descending in (bool[])[true, false])
        {
            await reader.BarsAsync(Keys, "A", Timeframe.Minute, 0, Noon, descending, 10);
            await reader.PastBarsAsync(Keys, "A", Timeframe.Minute, 0, Noon, descending, 10, Noon);
        }

        Assert.NotNull(await reader.SinceAsync(Keys, null, new HashSet<string>(), null, Timeframe.All));
        await FindsAnotherTypeAsync(reader);

        var keys = new ApiKeyRecords(user);
        Assert.True(await keys.TryReplaceAsync(id, before: null, "{}"));
        Assert.True(await keys.TryReplaceAsync(id, before: "{}", "{} "));
        Assert.Equal("{} ", await keys.FindAsync(id));
        Assert.True((await keys.ReadAsync()).Changes > 0 && await keys.ChangesAsync() > 0);
        Assert.True(await keys.TryReplaceAsync(id, before: "{} ", after: null));
        new SessionKeyRecords(user).Add("key");
        Assert.Contains("key", new SessionKeyRecords(user).Read());
        await new TicketRecords(user).AddAsync(id, "record", TimeSpan.FromMinutes(1));
        Assert.Equal("record", await new TicketRecords(user).TakeAsync(id));
        Assert.Equal((5, 5), await new LimitRecords(user).LeaseAsync(id, 1, burst: 10, spent: 0, wanted: 5, now));
        Assert.Equal(1, await new LimitRecords(user).CountReplicasAsync("a", now, TimeSpan.FromMinutes(1)));
    }

    private static async Task FindsAnotherTypeAsync(MarketReader reader)
    {
        try
        {
            await reader.CheckAsync(Keys, OfAnotherType);
            Assert.Fail("A key of another type is not found.");
        }
        catch (DamagedStateException)
        {
            // It takes a right to ask for the type.
        }
    }

    private static async Task<PartitionProjection> OpenAsync(IDatabase redis)
    {
        var projection = new PartitionProjection(redis, Keys, new ProjectionOptions());
        await projection.OpenAsync();
        return projection;
    }

    private static async Task AddAsync(PartitionProjection projection, params long[] times)
    {
        long offset = projection.Position?.Offset ?? 0;
        var ticks = times.Select(time => new AppliedTick(new Tick("A", 1m, time), offset++)).ToArray();
        Assert.True((await projection.ApplyAsync(ticks, new PartitionPosition(offset, Topic, 0))).Applied);
    }

    private async Task GrantAsync(string user, IEnumerable<string> rules)
    {
        string[] all = ["SETUSER", user, .. rules, ">secret"];
        await server.Client.GetDatabase().ExecuteAsync("ACL", Array.ConvertAll<string, object>(all, static rule => rule));
    }

    private Task<ConnectionMultiplexer> ConnectAsync(string user) =>
        PatientRedis.ConnectAsync(server.Address + $",user={user},password=secret,configChannel=,tiebreaker=");
}
