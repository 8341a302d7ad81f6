using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <content>What a batch makes of bars, sums and day figures, however the log is cut into batches.</content>
public abstract partial class StoreContractTests
{
    [ContractFact]
    public async Task Late_tick_corrects_its_bar_and_one_past_retention_is_counted_only()
    {
        var options = new ProjectionOptions { Days1Min = 1 };
        var projection = new PartitionProjection(Database, _keys, options);
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 10, Noon), Tick(1, 12, Noon + 3_600_000), Tick(2, 11, Noon + 7_200_000) }, At(3));

        var late = await projection.ApplyAsync(new[] { Tick(3, 9, Noon + 1), Tick(4, 8, Noon - (2 * 86_400_000)) }, At(5));

        Assert.Equal(1, late.TooLate);
        var minutes = await BarsAsync(Btc, Timeframe.Minute);
        Assert.Equal([10m, 12m, 11m], minutes.Select(bar => (decimal)bar["o"]!));
        Assert.Equal([9m, 12m, 11m], minutes.Select(bar => (decimal)bar["c"]!));
        Assert.Equal([2, 1, 1], minutes.Select(bar => (int)bar["n"]!));
        Assert.Equal(2, (await BarsAsync(Btc, Timeframe.Day)).Count);
    }

    [ContractFact]
    public async Task Previous_close_and_change_follow_the_daily_bars()
    {
        var projection = NewProjection();
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 100, Noon) }, At(1));
        Assert.Equal(
            """{"symbol":"BTCUSDT","t":"2024-08-09T12:00:00.000Z","p":100,"previous_close":null"""
                + ""","since":"open","change":0,"change_percent":0}""",
            ((string?)await Database.HashGetAsync(_keys.Days, Btc))!.Split('\n')[0]);
        await projection.ApplyAsync(new[] { Tick(1, 80, Noon - 1) }, At(2));
        Assert.Contains(
            "\"previous_close\":null,\"since\":\"open\",\"change\":20,\"change_percent\":25",
            (string?)await Database.HashGetAsync(_keys.Days, Btc), StringComparison.Ordinal);

        await projection.OpenAsync(); // the previous bar comes from the store
        await projection.ApplyAsync(new[] { Tick(2, 103, Noon + 86_400_000) }, At(3));
        Assert.Contains(
            "\"previous_close\":100,\"since\":\"previous_close\",\"change\":3,\"change_percent\":3",
            (string?)await Database.HashGetAsync(_keys.Days, Btc),
            StringComparison.Ordinal);

        await projection.ApplyAsync(new[] { Tick(3, 50, Noon + 1) }, At(4));
        Assert.Contains(
            "\"previous_close\":50,\"since\":\"previous_close\",\"change\":53,\"change_percent\":106",
            (string?)await Database.HashGetAsync(_keys.Days, Btc),
            StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Many_trades_and_symbols_fit_one_change()
    {
        var projection = new PartitionProjection(Database, _keys, new ProjectionOptions { TradesRetained = 10_000 });
        await projection.OpenAsync();
        var batch = Enumerable.Range(0, 12_000).Select(i => Tick(i, i + 1, Noon + i, symbol: i < 11_000 ? Btc : $"S{i}")).ToArray();

        Assert.True((await projection.ApplyAsync(batch, At(12_000))).Applied);

        var trades = await Database.ListRangeAsync(_keys.Trades(Btc));
        Assert.Equal(10_000, trades.Length);
        Assert.Equal(1_000, StoredRecord.Order(((ReadOnlyMemory<byte>)trades[0]).Span).Offset);
        Assert.Equal(1_001, await Database.HashLengthAsync(_keys.Latest));
    }

    /// <summary>
    /// Shuffled, late and duplicate-looking ticks of a few days, cut into batches anyhow, with the memory dropped now and then: the state
    /// equals a plain fold of the log, and does not depend on the cuts by a single byte.
    /// </summary>
    [ContractFact]
    public void Any_log_in_any_batches_ends_in_the_state_of_a_plain_fold()
    {
        _ = Redis; // a test that is skipped among its samples would fail
        var tick =
            from symbol in Gen.Int[0, 2]
            from price in Gen.OneOf(Gen.Int[1, 50].Select(quarters => quarters / 4m), Amount(100_000_000_000_000, 8, 10))
            from size in Gen.OneOf(Gen.Int[0, 3].Select(eighths => eighths / 8m), Amount(1_000_000_000_000_000_000, 18, 27))
            from minute in Gen.Frequency((6, Gen.Int[2880, 2890]), (3, Gen.Int[2000, 2890]), (2, Gen.Int[0, 8000]))
            from ms in Gen.Int[0, 3]
            select new Tick($"S{symbol}", price, (Noon - (Noon % 86_400_000)) + (minute * 60_000L) + ms, size, default, Side.Buy, "x");
        Gen.Select(tick.List[1, 60], Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[1, 5])
            .Sample(
                (ticks, cut, otherCut, forget) => CheckAsync(ticks, cut, otherCut, forget).GetAwaiter().GetResult(),
                iter: 60, threads: 1, print: sample => string.Join('\n', sample.Item1) + $"\n{sample.Item2} {sample.Item3} {sample.Item4}");

        async Task CheckAsync(List<Tick> ticks, int cut, int otherCut, int forget)
        {
            var options =
                new ProjectionOptions { TradesRetained = 7, Days1Min = 1, Days5Min = 2, Days15Min = 2, Days1Hour = 3, Days1Day = 2 };
            var fold = new ReferenceFold(options);
            var log = new List<AppliedTick>();
            foreach (Tick item in ticks)
            {
                fold.Add(item, log.Count * 2);
                log.Add(new AppliedTick(item, log.Count * 2)); // offsets with gaps
            }

            string first = await BuildAsync(cut, int.MaxValue);
            foreach (string symbol in fold.Symbols)
            {
                Assert.Equal(
                    fold.Latest(symbol).Offset,
                    StoredRecord.Order(((ReadOnlyMemory<byte>)await Database.HashGetAsync(_keys.Latest, symbol)).Span).Offset);
                Assert.Equal(
                    fold.Trades(symbol).Select(entry => entry.Offset),
                    (await Database.ListRangeAsync(_keys.Trades(symbol))).Select(
                        trade => StoredRecord.Order(((ReadOnlyMemory<byte>)trade).Span).Offset));
                foreach (Timeframe timeframe in Timeframe.All)
                {
                    Assert.Equal(
                        fold.Bars(symbol, timeframe).Select(Canonical).Zip(fold.Sums(symbol, timeframe)),
                        (await BarRecordsAsync(symbol, timeframe)).Select(bar => (Canonical(Json(bar)), Sums(bar))));
                }

                var day = Json((string)(await Database.HashGetAsync(_keys.Days, symbol))!);
                Assert.Equal(fold.PreviousClose(symbol), (decimal?)day["previous_close"]);
            }

            Assert.Equal(first, await BuildAsync(otherCut, forget));

            async Task<string> BuildAsync(int size, int forgetEvery)
            {
                await Database.KeyDeleteAsync([.. Redis.GetServers()[0].Keys(pattern: $"radar:{{{_keys.Epoch}.*")]);
                var projection = new PartitionProjection(Database, _keys, options);
                await projection.OpenAsync();
                return await ApplyAllAsync(projection, log, size, forgetEvery);
            }
        }

        static Gen<decimal> Amount(long digitsMax, int scaleMin, int scaleMax) =>
            from digits in Gen.Long[1, digitsMax]
            from scale in Gen.Int[scaleMin, scaleMax]
            select DecimalText.FromDigits(digits, scale);

        static string Canonical(JsonObject bar) => string.Join(
            ' ',
            from member in bar
            where member.Key is not ("v" or "vw")
            select member.Key + "=" + (member.Key == "t" ? (string?)member.Value
                : DecimalText.Normalize((decimal)member.Value!).ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>
    /// Sums that a decimal would round: added up in one batch, the small trades show; one by one after the large one, they do not.
    /// </summary>
    [ContractFact]
    public async Task Sums_of_large_and_tiny_trades_do_not_depend_on_the_batches()
    {
        List<AppliedTick> log =
        [
            Tick(0, 1000), .. Enumerable.Range(1, 3).Select(i => Tick(i, 1, Noon + i, 0.00000000000000000000000004m)),
            .. Enumerable.Range(4, 5).Select(i => Tick(i, 100_000_000_000_000_000_000m, Noon + i, 0.0000000001m)),
        ];
        var one = NewProjection();
        await one.OpenAsync();
        string whole = await ApplyAllAsync(one, log, log.Count);
        var (volume, notional) = Sums(Assert.Single(await BarRecordsAsync(Btc, Timeframe.Day)));
        await Database.KeyDeleteAsync([.. Redis.GetServers()[0].Keys(pattern: $"radar:{{{_keys.Epoch}.*")]);
        var many = NewProjection();
        await many.OpenAsync();

        Assert.Equal(whole, await ApplyAllAsync(many, log, 1, forgetEvery: 2));
        Assert.Equal(ReferenceFold.Exact("1.00000000050000000000000012"), volume);
        Assert.Equal(ReferenceFold.Exact("50000001000.00000000000000000000000012"), notional);
    }

    [ContractFact]
    public async Task Previous_close_older_than_the_retention_of_days_is_gone_before_and_after_a_restart()
    {
        var projection = new PartitionProjection(Database, _keys, new ProjectionOptions { Days1Day = 2 });
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 100, Noon) }, At(1));
        await projection.ApplyAsync(new[] { Tick(1, 101, Noon + (4 * 86_400_000)) }, At(2));
        var before = await Database.HashGetAsync(_keys.Days, Btc);
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(2, 101, Noon + (4 * 86_400_000)) }, At(3));

        Assert.Contains("\"previous_close\":null", (string?)before, StringComparison.Ordinal);
        Assert.Equal(before, await Database.HashGetAsync(_keys.Days, Btc));
    }

    [ContractTheory]
    [InlineData("latest")]
    [InlineData("days")]
    public async Task State_is_not_begun_where_a_part_of_another_still_is(string left)
    {
        var owner = NewProjection();
        await owner.OpenAsync();
        await owner.ApplyAsync(new[] { Tick(0, 10) }, At(1));
        await Database.KeyDeleteAsync([_keys.Position, left == "latest" ? _keys.Days : _keys.Latest]);
        string before = await DumpAsync();
        var projection = NewProjection();
        Assert.Null(await projection.OpenAsync());

        var error = await Assert.ThrowsAsync<DamagedStateException>(() => projection.WriteAsync(At(0)));

        Assert.Contains("stop the consumers, then delete the keys radar:{*", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await DumpAsync());
    }

    /// <summary>The sums of a bar × 10^28; the volume is what is served, where that is exact.</summary>
    private static (BigInteger Volume, BigInteger Notional) Sums(string record)
    {
        string[] own = RecordText.WithoutChecksum(record).Split('\n')[1].Split(' ');
        return (ReferenceFold.Exact(own.Length > 6 ? own[6] : Json(record)["v"]!.ToJsonString()), ReferenceFold.Exact(own[5]));
    }
}
