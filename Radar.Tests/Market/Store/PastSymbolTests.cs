using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>What is answered of the past, held against the whole log.</summary>
public sealed class PastSymbolTests : IAsyncLifetime
{
    private const string Symbol = "BTCUSDT";
    private const long Noon = 1_723_204_800_000; // 2024-08-09T12:00:00Z
    private const long Minute = 60_000;
    private static readonly TopicIdentity Topic = new("market-ticks", null, 1);

    private static readonly int[] Beside = [-1, 0, 0, 1, 7_000, 59_999];

    private readonly EmbeddedRedis _server = EmbeddedRedis.Start();
    private ConnectionMultiplexer _redis = null!;
    private int _epochs;

    public async Task InitializeAsync() => _redis = await PatientRedis.ConnectAsync(_server.Address);

    public async Task DisposeAsync()
    {
        await _redis.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Every_answer_about_the_past_is_as_the_whole_log_has_it_and_given_where_enough_is_kept()
    {
        // Steps of all sizes: inside a minute, into the next, into the next hour, over days; back as well.
        var step = Gen.OneOf(
            Gen.Long[0, 20_000], Gen.Long[0, 20_000], Gen.Long[0, 5 * Minute], Gen.Long[0, 90 * Minute], Gen.Long[0, 2 * 1440 * Minute],
            Gen.Long[-40_000, 0], Gen.Long[-120 * Minute, 0]);
        var sample =
            from steps in step.Array[1, 60]
            from prices in Gen.Int[1, 9].Array[steps.Length]
            from sizes in Gen.Int[0, 3].Array[steps.Length]
            from retained in Gen.Int[1, 60]
            from at in Gen.Int[0, steps.Length - 1]
            from beside in Gen.Int[0, 5]
            select (steps, prices, sizes, retained, at, Beside[beside]);
        int answered = 0, asked = 0;

        await sample.SampleAsync(
            async drawn =>
            {
                var (steps, prices, sizes, retained, at, beside) = drawn;
                var log = new List<AppliedTick>();
                long timestampMs = Noon;
                for (int i = 0; i < steps.Length; i++)
                    log.Add(new AppliedTick(new Tick(Symbol, prices[i], timestampMs += steps[i], sizes[i], new TradeId(i)), i));
                long atMs = log[at].Tick.TimestampMs + beside;
                var past = await ReadAsync(log, retained, atMs);

                var before = log.Where(entry => entry.Tick.TimestampMs <= atMs).OrderBy(entry => entry.Tick.TimestampMs)
                    .ThenBy(entry => entry.Offset).ToList();
                var kept = log.TakeLast(retained).ToList();
                var trade = past.Trade();
                Interlocked.Increment(ref asked);
                if (trade.Known)
                {
                    Interlocked.Increment(ref answered);
                    Assert.Equal((before[^1].Tick.TimestampMs, before[^1].Offset), StoredRecord.Order(trade.Record.Span));
                }
                else
                {
                    // Unknown only where a trade that is not kept may be the one, or where nothing was before.
                    Assert.True(before.Count == 0 || !IsWhole(before[^1].Tick.TimestampMs), Explain(log, retained, atMs, "trade"));
                }

                foreach (Timeframe timeframe in Timeframe.All)
                {
                    long openTime = timeframe.OpenTime(atMs);
                    var inBar = before.Where(entry => entry.Tick.TimestampMs >= openTime).ToList();
                    var bar = past.Bar(timeframe);
                    Interlocked.Increment(ref asked);
                    if (!bar.Known)
                    {
                        Assert.True(before.Count == 0 || !IsWhole(atMs), Explain(log, retained, atMs, timeframe.Name));
                        continue;
                    }

                    Interlocked.Increment(ref answered);
                    if (inBar.Count == 0)
                    {
                        Assert.True(bar.Record.IsEmpty, Explain(log, retained, atMs, timeframe.Name));
                        continue;
                    }

                    var fold = new ReferenceFold(new ProjectionOptions());
                    foreach (var entry in inBar)
                        fold.Add(entry.Tick, entry.Offset);
                    AssertSame(fold.Bars(Symbol, timeframe).Single(), bar.Record);
                }

                // All trades of the minute are kept, and so are the minutes of its day.
                bool IsWhole(long ms) =>
                    log.Where(entry => entry.Tick.TimestampMs / Minute == ms / Minute).All(kept.Contains)
                    && Timeframe.Day.OpenTime(ms) >= log.Max(entry => entry.Tick.TimestampMs) - (7 * 1440 * Minute);
            },
            iter: 300,
            threads: 1);

        // Neither always nor never: the samples reach into what is kept and beyond it.
        Assert.InRange(answered, asked / 3, asked - 1);
    }

    [Fact]
    public async Task Newest_bars_are_those_of_the_newest_trade_and_before()
    {
        const long day = 1440 * Minute;
        var log = new[] { (Noon - (3 * day), 1), (Noon - day, 2), (Noon, 3), (Noon + 10, 4), (Noon + 20, 5) }
            .Select((entry, i) => new AppliedTick(new Tick(Symbol, entry.Item2, entry.Item1), i)).ToList();

        foreach (var (atMs, newest, before) in new (long, int, int?)[]
                 {
                     (Noon + 20, 5, 2), (Noon + 15, 4, 2), (Noon, 3, 2), (Noon - 1, 2, 1), (Noon - day + 1, 2, 1),
                     (Noon - (2 * day), 1, null),
                 })
        {
            var past = await ReadAsync(log, 1000, atMs);

            var (current, previous) = past.Bars(Timeframe.Day);
            Assert.Equal(newest, (int)Json(current.Record)["c"]!);
            Assert.Equal(before, previous.Record.IsEmpty ? null : (int)Json(previous.Record)["c"]!);
            Assert.Equal(newest, (int)Json(past.Bars(Timeframe.Minute).Newest.Record)["c"]!);
            Assert.Equal(newest, (int)Json(past.Trade().Record)["p"]!);
            Assert.Equal(log[newest - 1].Tick.TimestampMs, past.NewestMs(Timeframe.Day));
        }

        var early = await ReadAsync(log, 1000, Noon - (4 * day));
        Assert.False(early.Trade().Known || early.Bar(Timeframe.Day).Known || early.ReachesBack(Timeframe.Day));
    }

    [Fact]
    public async Task Time_before_the_retention_of_the_minutes_is_unknown()
    {
        var log = new[] { Noon, Noon + 1, Noon + (30L * 1440 * Minute) }
            .Select((timestampMs, i) => new AppliedTick(new Tick(Symbol, 1 + i, timestampMs), i)).ToList();

        var past = await ReadAsync(log, 1000, Noon);

        // The day is still kept, its minutes are not: what of it had happened nobody can tell.
        Assert.False(past.Trade().Known);
        Assert.True(past.ReachesBack(Timeframe.Day));
        Assert.False(past.Bar(Timeframe.Day).Known);
        Assert.Equal(2, (int)Json((await ReadAsync(log, 1000, Noon + 1)).Bar(Timeframe.Day).Record)["n"]!);
    }

    private async Task<PastSymbol> ReadAsync(List<AppliedTick> log, int retained, long atMs)
    {
        var keys = new RedisKeys($"e{++_epochs}", 0);
        var projection = new PartitionProjection(_redis.GetDatabase(), keys, new ProjectionOptions { TradesRetained = retained });
        await projection.OpenAsync();
        foreach (AppliedTick tick in log)
            projection.Add(tick);
        await projection.WriteAsync(new PartitionPosition(log.Count, Topic, 0));
        var read = await new MarketReader(_redis).PastAsync(keys, ["NOBODY", Symbol], atMs, Timeframe.Day);
        Assert.Equal(log.Count, read.Position!.Value.Offset);
        foreach (int? first in new int?[] { 1, 3, 10, null })
        {
            // However few trades are read first, the answer is the same.
            var (position, symbols, _) = await new MarketReader(_redis).PastAsync(
                keys, ["NOBODY", Symbol], atMs, Timeframe.Day, first, static _ => Task.FromResult<RedisValue[]>([]));
            Assert.Equal(log.Count, position!.Value.Offset);
            Assert.Null(symbols[0]);
            Assert.Equal(Told(read.Symbols[0]), Told(symbols[1]!));
        }

        return Assert.Single(read.Symbols);
    }

    private static string Told(PastSymbol past)
    {
        var bars = Timeframe.All.Select(frame =>
        {
            var (newest, before) = past.Bars(frame);
            return $"{Of(past.Bar(frame))} {Of(newest)} {Of(before)} {past.NewestMs(frame)} {past.ReachesBack(frame)}";
        });
        return $"{past.KeptFromMs} {Of(past.Trade())} {string.Join(' ', bars)}";

        static string Of(Past past) => $"{past.Known}:{Encoding.UTF8.GetString(past.Record.Span)}";
    }

    private static JsonObject Json(ReadOnlyMemory<byte> record) => JsonNode.Parse(StoredRecord.Public(record).Span)!.AsObject();

    private static void AssertSame(JsonObject expected, ReadOnlyMemory<byte> record)
    {
        var bar = Json(record);
        Assert.Equal((string?)expected["t"], (string?)bar["t"]);
        foreach (string member in new[] { "o", "h", "l", "c", "v", "n" })
            Assert.Equal((decimal)expected[member]!, (decimal)bar[member]!);
    }

    private static string Explain(List<AppliedTick> log, int retained, long atMs, string what) =>
        new StringBuilder().Append(System.Globalization.CultureInfo.InvariantCulture, $"{what} at {atMs - Noon}, {retained} kept of ")
            .AppendJoin(' ', log.Select(entry => entry.Tick.TimestampMs - Noon)).ToString();
}
