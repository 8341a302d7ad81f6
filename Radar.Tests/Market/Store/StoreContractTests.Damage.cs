using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <content>What is lost or changed in Redis is named by the next who reads or writes it, and nothing is built on it.</content>
public abstract partial class StoreContractTests
{
    private const string Eth = "ETHUSDT";

    public static TheoryData<string> Parts =>
        ["latest", "days", "trades:BTCUSDT", .. Timeframe.All.Select(frame => $"bars:{frame}:BTCUSDT")];

    private MarketLayout Layout => new(_keys.Epoch, Topic);

    private RedisKey Key(string part) => $"radar:{{{_keys.Epoch}.p03}}:{part}";

    [ContractTheory]
    [MemberData(nameof(Parts))]
    public async Task Part_that_is_gone_is_named_by_the_next_write_and_nothing_is_written(string part)
    {
        var running = await BeginAsync();
        await Database.KeyDeleteAsync(Key(part));
        string before = await DumpAsync();

        foreach (var projection in new[] { running, await OpenedAsync() }) // one that has the symbol in memory, one that has not
        {
            var error = await Assert.ThrowsAsync<DamagedStateException>(() => projection.ApplyAsync(new[] { Tick(4, 13) }, At(5)));
            Assert.Equal(Key(part), error.Key);
            Assert.StartsWith($"{Key(part)} ", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await DumpAsync());
    }

    [ContractTheory]
    [MemberData(nameof(Parts))]
    public async Task Part_that_is_gone_is_named_by_the_next_read(string part)
    {
        await BeginAsync();
        await Database.KeyDeleteAsync(Key(part));

        Assert.Equal(Key(part), (await ReadsAsync(part)).Key);
    }

    [ContractTheory]
    [InlineData("latest")]
    [InlineData("days")]
    [InlineData("trades:BTCUSDT")]
    [InlineData("bars:1Hour:BTCUSDT")]
    public async Task Single_value_that_is_gone_is_named_by_the_next_write_and_the_next_read(string part)
    {
        await BeginAsync();
        await (part switch
        {
            "latest" or "days" => (Task)Database.HashDeleteAsync(Key(part), Btc),
            "trades:BTCUSDT" => Database.ListLeftPopAsync(Key(part)),
            _ => Database.SortedSetRemoveRangeByRankAsync(Key(part), 0, 0),
        });
        string before = await DumpAsync();
        var projection = await OpenedAsync();

        Assert.Equal(
            Key(part), (await Assert.ThrowsAsync<DamagedStateException>(() => projection.ApplyAsync(new[] { Tick(4, 13) }, At(5)))).Key);
        Assert.Equal(Key(part), (await ReadsAsync(part)).Key);
        Assert.Equal(before, await DumpAsync());
    }

    [ContractFact]
    public async Task Position_that_is_gone_is_named_by_the_next_read()
    {
        await BeginAsync();
        await Database.KeyDeleteAsync(_keys.Position);
        var reader = new MarketReader(Redis);

        foreach (Func<Task> read in new Func<Task>[]
        {
            () => reader.FindAsync(Layout, Btc), () => reader.TradesAsync(_keys, Btc), () => reader.SymbolRecordsAsync(_keys, null),
            () => reader.SymbolRecordsAsync(_keys, [Btc]), () => reader.FindAsync(Layout, "NEW"),
        })
            Assert.Equal(_keys.Position, (await Assert.ThrowsAsync<DamagedStateException>(read)).Key);
    }

    /// <summary>Without counts, too: what is left of a symbol shows that it is not new.</summary>
    [ContractFact]
    public async Task Symbol_whose_latest_is_gone_is_damaged_and_not_new_even_in_a_state_of_an_older_Radar()
    {
        await BeginAsync();
        await MakeOlderAsync();
        await Database.HashDeleteAsync(_keys.Latest, Btc);
        await Database.HashDeleteAsync(_keys.Days, Btc);
        string before = await DumpAsync();
        var projection = await OpenedAsync();

        var error = await Assert.ThrowsAsync<DamagedStateException>(() => projection.ApplyAsync(new[] { Tick(4, 13) }, At(5)));
        var reader = new MarketReader(Redis);
        var found = await Assert.ThrowsAsync<DamagedStateException>(() => reader.FindAsync(Layout, Btc));
        var trades = await Assert.ThrowsAsync<DamagedStateException>(() => reader.TradesAsync(_keys, Btc));

        Assert.All([error, found, trades], e => Assert.StartsWith(
            $"{_keys.Latest} lacks {Btc}, of which other parts are there", e.Message, StringComparison.Ordinal));
        Assert.Equal(before, await DumpAsync());
        Assert.Null(await reader.FindAsync(Layout, "NEW"));
    }

    [ContractFact]
    public async Task State_of_an_older_Radar_is_read_and_written_and_counted_from_then_on()
    {
        await BeginAsync();
        string counted = await DumpAsync();
        await MakeOlderAsync();
        await ReadAllAsync();
        var projection = await OpenedAsync();

        await projection.ApplyAsync(new[] { Tick(4, 13, Noon + 1) }, At(5));
        Assert.Equal("5 2", (string?)await Database.HashGetAsync(_keys.Position, "counted"));
        Assert.False(await Database.HashExistsAsync(_keys.Position, "n:" + Eth));
        Assert.Equal("4 3 3 3 3 2", (string?)await Database.HashGetAsync(_keys.Position, "n:" + Btc));
        await ReadAllAsync();

        await Database.KeyDeleteAsync(_keys.Bars(Timeframe.Day, Btc));
        await Assert.ThrowsAsync<DamagedStateException>(() => projection.ApplyAsync(new[] { Tick(5, 14, Noon + 1) }, At(6)));
        Assert.Contains("n:BTCUSDT: 3 3 3 3 3 2", counted, StringComparison.Ordinal);
    }

    /// <summary>
    /// A consumer of the version before, that is started once more, moves the position and leaves the counts as they are.
    /// </summary>
    [ContractFact]
    public async Task Counts_that_an_older_Radar_left_behind_are_restarted()
    {
        await BeginAsync();
        await Database.ListRightPushAsync(
            _keys.Trades(Eth), RecordText.WithoutChecksum((string)(await Database.ListGetByIndexAsync(_keys.Trades(Eth), 0))!));
        await Database.HashSetAsync(_keys.Position, "offset", "5");
        await ReadAllAsync();
        var projection = await OpenedAsync();

        await projection.ApplyAsync(new[] { Tick(5, 14, Noon + 1) }, At(6));

        Assert.Equal("6 2", (string?)await Database.HashGetAsync(_keys.Position, "counted"));
        Assert.False(await Database.HashExistsAsync(_keys.Position, "n:" + Eth));
        await projection.ApplyAsync(new[] { Tick(6, 14, Noon + 1, symbol: Eth) }, At(7));
        Assert.Equal("3 1 1 1 1 1", (string?)await Database.HashGetAsync(_keys.Position, "n:" + Eth));
        await ReadAllAsync();
    }

    [ContractTheory]
    [InlineData("latest")]
    [InlineData("days")]
    [InlineData("trades:BTCUSDT")]
    [InlineData("bars:1Min:BTCUSDT")]
    [InlineData("bars:1Day:BTCUSDT")]
    public async Task One_bit_that_changed_is_named_by_who_reads_it(string part)
    {
        await BeginAsync();
        await FlipAsync(part);

        Assert.StartsWith($"{Key(part)} has a damaged record of {Btc}", (await ReadsAsync(part)).Message, StringComparison.Ordinal);
        if (part is "days" or "trades:BTCUSDT")
            return; // a writer needs no more of these than how many there are
        string before = await DumpAsync();
        var projection = await OpenedAsync();
        var error = await Assert.ThrowsAsync<DamagedStateException>(() => projection.ApplyAsync(new[] { Tick(4, 13) }, At(5)));
        Assert.StartsWith($"{Key(part)} has a damaged record of {Btc}", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await DumpAsync());
    }

    [ContractFact]
    public async Task Bar_that_a_late_tick_needs_is_checked_before_it_is_corrected()
    {
        var projection = await BeginAsync();
        await FlipAsync("bars:1Min:BTCUSDT");

        var error = await Assert.ThrowsAsync<DamagedStateException>(
            () => projection.ApplyAsync(new[] { Tick(4, 13, Noon - 86_400_000) }, At(5)));

        Assert.Equal(_keys.Bars(Timeframe.Minute, Btc), error.Key);
    }

    /// <summary>Bars of three minutes in two days, and another symbol beside.</summary>
    private async Task<PartitionProjection> BeginAsync()
    {
        var projection = await OpenedAsync();
        await projection.ApplyAsync(
            new[] { Tick(0, 10, Noon - 86_400_000), Tick(1, 11, Noon - 7_200_000), Tick(2, 12), Tick(3, 3, symbol: Eth) }, At(4));
        return projection;
    }

    private async Task<PartitionProjection> OpenedAsync()
    {
        var projection = NewProjection();
        await projection.OpenAsync();
        return projection;
    }

    /// <summary>Changes one bit of the oldest value.</summary>
    private async Task FlipAsync(string part)
    {
        RedisKey key = Key(part);
        switch (await Database.KeyTypeAsync(key))
        {
            case RedisType.Hash:
                await Database.HashSetAsync(key, Btc, RecordText.Flipped(await Database.HashGetAsync(key, Btc), 30));
                break;
            case RedisType.List:
                await Database.ListSetByIndexAsync(key, 0, RecordText.Flipped(await Database.ListGetByIndexAsync(key, 0), 30));
                break;
            default:
                foreach (var entry in await Database.SortedSetRangeByRankWithScoresAsync(key))
                {
                    await Database.SortedSetRemoveAsync(key, entry.Element);
                    await Database.SortedSetAddAsync(key, RecordText.Flipped(entry.Element, 30), entry.Score);
                }

                break;
        }
    }

    /// <summary>Takes away what an older Radar did not write.</summary>
    private async Task MakeOlderAsync()
    {
        foreach (RedisValue field in await Database.HashKeysAsync(_keys.Position))
        {
            if (field == "counted" || field.StartsWith("n:"))
                await Database.HashDeleteAsync(_keys.Position, field);
        }

        foreach (RedisKey key in new[] { _keys.Latest, _keys.Days })
        {
            foreach (HashEntry entry in await Database.HashGetAllAsync(key))
                await Database.HashSetAsync(key, entry.Name, RecordText.WithoutChecksum(entry.Value!));
        }

        foreach (string symbol in new[] { Btc, Eth })
        {
            RedisKey trades = _keys.Trades(symbol);
            for (long i = await Database.ListLengthAsync(trades) - 1; i >= 0; i--)
                await Database.ListSetByIndexAsync(trades, i, RecordText.WithoutChecksum((await Database.ListGetByIndexAsync(trades, i))!));
            foreach (RedisKey bars in Timeframe.All.Select(timeframe => _keys.Bars(timeframe, symbol)))
            {
                foreach (var bar in await Database.SortedSetRangeByRankWithScoresAsync(bars))
                {
                    await Database.SortedSetRemoveAsync(bars, bar.Element);
                    await Database.SortedSetAddAsync(bars, RecordText.WithoutChecksum(bar.Element!), bar.Score);
                }
            }
        }
    }

    /// <summary>Every read that needs the part is refused, with the same key; and no other.</summary>
    private async Task<DamagedStateException> ReadsAsync(string part)
    {
        DamagedStateException? first = null;
        foreach (var (needs, read) in AllReads())
        {
            bool needed = part is "latest" or "days" ? needs.Contains(part) : needs.Any(part.Contains);
            if (!needed)
            {
                await read();
                continue;
            }

            var error = await Assert.ThrowsAsync<DamagedStateException>(read);
            Assert.Equal(Key(part), error.Key);
            first ??= error;
        }

        return first!;
    }

    private async Task ReadAllAsync()
    {
        foreach (var (_, read) in AllReads())
            await read();
    }

    private IEnumerable<(string[] Needs, Func<Task> Read)> AllReads()
    {
        var reader = new MarketReader(Redis);
        string[] frames = [.. Timeframe.All.Select(frame => $"bars:{frame}")];
        yield return (["latest"], () => reader.FindAsync(Layout, Btc));
        yield return (["latest", "trades"], () => reader.TradesAsync(_keys, Btc));
        yield return (["latest", "days"], () => reader.SymbolRecordsAsync(_keys, null));
        yield return (["latest", "days"], () => reader.SymbolRecordsAsync(_keys, [Btc, Eth, "NEW"]));
        yield return (["latest", "bars:1Min", "bars:1Day"], () => reader.SnapshotsAsync(_keys, [Btc, "NEW"]));
        yield return (["latest", "trades", .. frames], () => reader.PastAsync(_keys, [Btc, "NEW"], Noon, Timeframe.Day));
        yield return (["latest", "trades", "bars:5Min", "bars:1Day"], () => reader.SinceAsync(
            _keys, new HashSet<string> { Btc, "NEW" }, new HashSet<string>(), null, [Timeframe.All[1]]));
        foreach (Timeframe timeframe in Timeframe.All)
            yield return (["latest", $"bars:{timeframe}"], () => reader.BarsAsync(_keys, Btc, timeframe, 0, long.MaxValue, false, 100));
    }
}
