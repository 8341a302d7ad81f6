using CsCheck;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>What happened to a partition since an offset, as Redis can still tell it: all of it, or the word that it cannot.</summary>
public abstract class SinceContractTests
{
    private const long Noon = 1_723_204_800_000;
    private static readonly TopicIdentity Topic = new("market-ticks", null, 12);
    private static readonly HashSet<string> NoSymbols = [];
    private static int _epochs;

    private RedisKeys _keys = new($"s{Interlocked.Increment(ref _epochs)}", 3);

    protected abstract IConnectionMultiplexer Redis { get; }

    private MarketReader Reader => new(Redis);

    private static AppliedTick Tick(long offset, string symbol = "A", long timestampMs = Noon) =>
        new(new Tick(symbol, offset + 1, timestampMs, 1, new TradeId(offset)), offset);

    [ContractFact]
    public async Task Trades_since_an_offset_come_with_the_newest_state_and_the_bars_they_touched()
    {
        await WriteAsync([Tick(0), Tick(1, "B"), Tick(2)]);
        await WriteAsync([Tick(3, timestampMs: Noon - 120_000), Tick(4, "C")], 3);

        var change = (await Reader.SinceAsync(_keys, null, NoSymbols, 3, [Timeframe.Minute, Timeframe.Day]))!;

        Assert.Equal((3, 5), (change.Expected, change.Reached.Offset));
        Assert.Equal(["A", "C"], change.Symbols.Select(symbol => symbol.Symbol).Order());
        var a = change.Symbols.Single(symbol => symbol.Symbol == "A");
        Assert.True(a.Latest.IsEmpty); // the late trade did not move it
        Assert.Equal([3], Offsets(a));
        Assert.Equal([(Timeframe.Minute, Noon - 120_000), (Timeframe.Day, Timeframe.Day.OpenTime(Noon))], a.Bars.Select(
            bar => (bar.Timeframe, bar.OpenTime)));
        Assert.False(change.Symbols.Single(symbol => symbol.Symbol == "C").Latest.IsEmpty);
    }

    [ContractFact]
    public async Task Only_symbols_that_are_asked_for_are_reported_and_unknown_ones_do_not_matter()
    {
        await WriteAsync([Tick(0), Tick(1, "B"), Tick(2, "C")]);

        Assert.Equal(["A"], await SymbolsAsync(new HashSet<string> { "A", "NEW" }, NoSymbols));
        Assert.Equal(["A", "C"], await SymbolsAsync(null, new HashSet<string> { "B" }));
        Assert.Equal(["A"], await SymbolsAsync(new HashSet<string> { "A", "B" }, new HashSet<string> { "B" }));

        async Task<IEnumerable<string>> SymbolsAsync(HashSet<string>? symbols, HashSet<string> except) =>
            (await Reader.SinceAsync(_keys, symbols, except, 0, []))!.Symbols.Select(symbol => symbol.Symbol).Order();
    }

    [ContractFact]
    public async Task Past_that_retention_has_dropped_is_not_known()
    {
        await WriteAsync([.. Enumerable.Range(0, 10).Select(i => Tick(i))], retained: 4); // 6 to 9 are kept

        Assert.Null(await Reader.SinceAsync(_keys, null, NoSymbols, 5, []));
        Assert.Null(await Reader.SinceAsync(_keys, null, NoSymbols, null, []));
        Assert.Equal([6, 7, 8, 9], Offsets((await Reader.SinceAsync(_keys, null, NoSymbols, 6, []))!.Symbols.Single()));
        Assert.Empty((await Reader.SinceAsync(_keys, null, NoSymbols, 10, []))!.Symbols);
    }

    /// <summary>The daily bar that would tell how many trades there were is gone, or never held the one that came too late.</summary>
    [ContractTheory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task Past_of_which_bars_show_nothing_is_not_known(int days)
    {
        var options = new ProjectionOptions { TradesRetained = 4, Days1Min = 1, Days5Min = 1, Days15Min = 1, Days1Hour = 1, Days1Day = 2 };
        long otherDay = Noon + (days * 86_400_000L);
        await WriteAsync(
            [Tick(0), Tick(1), Tick(2, timestampMs: otherDay), Tick(3, timestampMs: otherDay), Tick(4, timestampMs: otherDay)], null,
            options);

        Assert.Null(await Reader.SinceAsync(_keys, null, NoSymbols, 0, []));
        Assert.Equal(4, (await Reader.SinceAsync(_keys, null, NoSymbols, 1, []))!.Symbols.Single().Trades.Count);
    }

    /// <summary>
    /// A busy partition is never read up to its end: the answer reaches to one position, and has nothing of what came after it.
    /// </summary>
    [ContractFact]
    public async Task Past_of_a_partition_that_goes_on_meanwhile_ends_at_one_position()
    {
        const int Trades = 2000;
        using var own = await PatientRedis.ConnectAsync(Redis.Configuration);
        var log = Enumerable.Range(0, Trades).Select(i => Tick(i, $"S{i % 97}", Noon + (i % 13 * 60_000))).ToArray();
        await WriteAsync(log[..10]);
        var writing = Task.Run(async () =>
        {
            var projection = new PartitionProjection(own.GetDatabase(), _keys, new ProjectionOptions());
            await projection.OpenAsync();
            foreach (AppliedTick[] batch in log[10..].Chunk(10))
                Assert.True((await projection.ApplyAsync(batch, new PartitionPosition(batch[^1].Offset + 1, Topic, 0))).Applied);
        });

        long position = 0;
        while (position < Trades)
        {
            var change = Assert.IsType<Change>(await Reader.SinceAsync(_keys, null, NoSymbols, position, [Timeframe.Minute]));
            long reached = change.Reached.Offset;
            var missed = log.Where(tick => tick.Offset >= position && tick.Offset < reached).ToList();
            Assert.Equal(missed.Select(tick => tick.Offset), change.Symbols.SelectMany(Offsets).Order());
            foreach (ChangedSymbol symbol in change.Symbols)
            {
                if (!symbol.Latest.IsEmpty)
                    Assert.InRange(StoredRecord.Order(symbol.Latest.Span).Offset, position, reached - 1);
                Assert.All(symbol.Bars, bar => Assert.Equal(
                    log.Count(tick => tick.Offset < reached && tick.Tick.Symbol == symbol.Symbol
                        && Timeframe.Minute.OpenTime(tick.Tick.TimestampMs) == bar.OpenTime),
                    StoredRecord.ReadBar(bar.Record.Span).Count));
            }

            position = reached;
        }

        await writing;
    }

    [ContractFact]
    public async Task Partition_without_a_state_has_no_past() =>
        Assert.Null(await Reader.SinceAsync(_keys, null, NoSymbols, null, []));

    /// <summary>Any log, any retention, any place to go on from: all that came after, or null where trades were dropped.</summary>
    [ContractFact]
    public void Any_past_is_answered_whole_or_not_at_all()
    {
        _ = Redis; // a test that is skipped among its samples would fail
        var ticks = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4000]).List[1, 40];
        Gen.Select(ticks, Gen.Int[1, 12], Gen.Int[0, 45], Gen.Int[1, 15]).Sample(
            (log, cut, from, retained) => CheckAsync(log, cut, from, retained).GetAwaiter().GetResult(), iter: 60, threads: 1);

        async Task CheckAsync(List<(int Symbol, int Minute)> log, int cut, int from, int retained)
        {
            _keys = new RedisKeys($"s{Interlocked.Increment(ref _epochs)}", 3);
            var options = new ProjectionOptions { TradesRetained = retained };
            var all = log.Select((entry, i) => Tick(i, $"S{entry.Symbol}", Noon + (entry.Minute * 60_000L))).ToList();
            var fold = new ReferenceFold(options);
            all.ForEach(tick => fold.Add(tick.Tick, tick.Offset));
            for (int first = 0; first < all.Count; first += cut)
                await WriteAsync([.. all.Skip(first).Take(cut)], first == 0 ? null : first, options);

            var change = await Reader.SinceAsync(_keys, null, NoSymbols, from, [Timeframe.Minute]);

            var missed = all.Where(tick => tick.Offset >= from).GroupBy(tick => tick.Tick.Symbol).ToDictionary(
                group => group.Key, group => group.ToList());
            if (missed.Values.Any(trades => trades.Count > retained))
                Assert.Null(change);
            if (change is null)
            {
                Assert.Contains(missed.Values, trades => trades.Count >= retained);
                return;
            }

            Assert.Equal(all.Count, change.Reached.Offset);
            Assert.Equal(missed.Keys.Order(), change.Symbols.Select(symbol => symbol.Symbol).Order());
            foreach (ChangedSymbol symbol in change.Symbols)
            {
                var trades = missed[symbol.Symbol];
                Assert.Equal(trades.Select(trade => trade.Offset), Offsets(symbol));
                long newest = fold.Latest(symbol.Symbol).Offset;
                Assert.Equal(newest < from ? -1 : newest, symbol.Latest.IsEmpty ? -1 : StoredRecord.Order(symbol.Latest.Span).Offset);
                Assert.Equal(
                    trades.Select(trade => Timeframe.Minute.OpenTime(trade.Tick.TimestampMs)).Distinct().Order(),
                    symbol.Bars.Select(bar => bar.OpenTime));
                Assert.All(symbol.Bars, bar => Assert.Equal(bar.OpenTime, StoredRecord.OpenTime(bar.Record.Span)));
            }
        }
    }

    private static IEnumerable<long> Offsets(ChangedSymbol symbol) => symbol.Trades.Select(trade => StoredRecord.Order(trade.Span).Offset);

    private Task WriteAsync(AppliedTick[] batch, long? expected = null, int retained = 1000) =>
        WriteAsync(batch, expected, new ProjectionOptions { TradesRetained = retained });

    private async Task WriteAsync(AppliedTick[] batch, long? expected, ProjectionOptions options)
    {
        var projection = new PartitionProjection(Redis.GetDatabase(), _keys, options);
        Assert.Equal(expected, (await projection.OpenAsync())?.Offset);
        Assert.True((await projection.ApplyAsync(batch, new PartitionPosition(batch[^1].Offset + 1, Topic, 0))).Applied);
    }
}

/// <summary>On the embedded Garnet.</summary>
public sealed class SinceOnGarnetTests(StoreOnGarnetTests.Server server) : SinceContractTests, IClassFixture<StoreOnGarnetTests.Server>
{
    protected override IConnectionMultiplexer Redis => server.Client;
}

/// <summary>On <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class SinceOnRedisTests(RedisOnPath server) : SinceContractTests, IClassFixture<RedisOnPath>
{
    protected override IConnectionMultiplexer Redis => server.Client;
}
