using System.Text;
using Radar.Market;
using Radar.Producer.Venues.Binance;
using Radar.Producer.Venues.Protocol;
using Radar.Tests.Producer.Replay;

namespace Radar.Tests.Producer.Venues;

/// <summary>
/// Captures that hold single trades and aggregates of one symbol: each trade counts once, whatever part of either was recorded.
/// </summary>
public sealed class BinanceAggregateTests
{
    private const long Day = 86_400_000;

    [Fact]
    public void Trade_that_an_aggregate_repeats_is_counted_once() =>

        // The aggregate 1 holds 10 to 12; from the first single trade on, aggregates repeat.
        Assert.Equal(
            ["A10-12", "13", "14", "15"],
            Counted([Aggregate(10, 12), Single(11), Single(12), Single(13), Aggregate(13, 13), Single(14), Aggregate(14, 15), Single(15)]));

    [Fact]
    public void Aggregates_of_one_symbol_do_not_hide_trades_of_another()
    {
        var venue = new BinanceTrades();
        var trades = new List<Tick>();
        venue.Read(Encoding.UTF8.GetBytes(Aggregate(10, 12)), trades);
        venue.Read(Encoding.UTF8.GetBytes(Single(11).Replace("BTCUSDT", "ETHUSDT", StringComparison.Ordinal)), trades);
        venue.Read(Encoding.UTF8.GetBytes(Single(11).Replace("\"M\":true", "\"X\":\"MARKET\"", StringComparison.Ordinal)), trades);

        Assert.Equal(3, trades.Count);
    }

    [Fact]
    public void Aggregate_that_comes_before_its_single_trades_is_not_counted() =>
        Assert.Equal(["1", "2", "3", "4", "5"],
            Counted([Single(1), Aggregate(2, 3), Single(2), Single(3), Aggregate(4, 5), Single(4), Single(5)]));

    [Fact]
    public void Aggregates_count_again_where_single_trades_end()
    {
        string[] both = [Single(1), Aggregate(1, 1), Single(2), Single(3), Aggregate(2, 3)];
        string[] aggregates = [.. Enumerable.Range(0, 50).Select(i => Aggregate(4 + (2 * i), 5 + (2 * i), Day + (i * 1000)))];

        Assert.Equal(["1", "2", "3", .. Names(4, 50)], Counted([.. both, .. aggregates]));
        Assert.Equal(["1", "2", "3", .. Names(4, 3)], Counted([.. both, .. aggregates[..3]])); // too few to wait for: the end decides
        Assert.Equal(["1", "2", "3", .. Names(4, 50), "104", "105"],
            Counted([.. both, .. aggregates, Single(103), Single(104), Aggregate(104, 105), Single(105)]));
    }

    [Fact]
    public void Aggregates_fill_a_gap_of_the_single_trades() =>
        Assert.Equal(
            ["1", "A2-3", "A4-4", "5", "6"],
            Counted([Single(1), Aggregate(1, 1), Aggregate(2, 3), Aggregate(4, 4), Single(5), Aggregate(5, 5), Single(6),
                Aggregate(6, 6)]));

    [Fact]
    public void Days_in_the_wrong_order_lose_and_double_nothing()
    {
        string[] later = [Single(100), Aggregate(100, 100), Single(101), Aggregate(101, 101)];

        Assert.Equal(["100", "101", "A1-2", "A3-3"], Counted([.. later, Aggregate(1, 2), Aggregate(3, 3)]));
        Assert.Equal(["100", "101", "1", "2", "3"], Counted([.. later, Single(1), Single(2), Aggregate(1, 2), Single(3), Aggregate(3, 3)]));
        Assert.Equal(["A100-101", "1", "2"], Counted([Aggregate(100, 101), Single(1), Single(2)]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_trade_counts_once_however_the_streams_are_cut_and_shifted(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            // Both streams of 200 trades, one shifted against the other, each cut into pieces at the borders of aggregates.
            var lines = new List<(double At, string Json, int First, int Last)>();
            double lag = random.NextDouble() - 0.5;
            bool singles = true, aggregates = true;
            for (int first = 1; first <= 200;)
            {
                int last = Math.Min(first + random.Next(4), 200);
                if (random.Next(15) == 0)
                    (singles, aggregates) = random.Next(3) switch { 0 => (true, false), 1 => (false, true), _ => (true, true) };
                if (aggregates)
                    lines.Add((last + (lag * 20), Aggregate(first, last, last * 20_000L / 200), first, last));
                for (int id = first; singles && id <= last; id++)
                    lines.Add((id, Single(id, id * 20_000L / 200), id, id));
                first = last + 1;
            }

            var counted = Counted([.. lines.OrderBy(line => line.At).Select(line => line.Json)])
                .Select(name => name.TrimStart('A').Split('-').Select(int.Parse).ToArray())
                .SelectMany(ids => Enumerable.Range(ids[0], ids[^1] - ids[0] + 1));
            Assert.Equal(Enumerable.Range(1, 200), counted.Order());
        }
    }

    [Fact]
    public async Task Replay_counts_what_repeats_as_no_trades_and_what_waited_to_the_end_as_trades()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(
            string.Join('\n', Single(1), Aggregate(1, 1), Aggregate(2, 3), Single(2), Single(3), Aggregate(4, 5)));

        Assert.Equal([1L, 2, 3, 4_000], ticks.Select(tick => tick.TradeId.Number!.Value));
        Assert.Equal((2, 0), (run.Metrics.Skipped, run.Metrics.Broken));
    }

    [Fact]
    public async Task Hosts_that_alternate_keep_what_was_counted()
    {
        using var run = new ReplayRun();
        string[] lines = [.. Enumerable.Range(1, 20).SelectMany(id => new[]
        {
            $"wss://stream{id % 2}.binance.com:9443/ws <-> 1", Single(id), $"wss://data-stream.binance.vision/ws <-> 1", Aggregate(id, id),
        })];

        Assert.Equal(20, (await run.ReadTextAsync(string.Join('\n', lines))).Count);
    }

    private static IEnumerable<string> Names(int first, int count) =>
        Enumerable.Range(0, count).Select(i => $"A{first + (2 * i)}-{first + (2 * i) + 1}");

    /// <summary>What counted, by id; an aggregate as <c>A10-12</c>.</summary>
    private static List<string> Counted(string[] lines)
    {
        var venue = new BinanceTrades();
        var trades = new List<Tick>();
        foreach (string line in lines)
            Assert.NotEqual(VenueMessage.Broken, venue.Read(Encoding.UTF8.GetBytes(line), trades));
        venue.End(trades);
        return [.. trades.Select(tick => tick.Price == 1 ? $"{tick.TradeId.Number}" : $"A{tick.TradeId.Number / 1000}-{tick.Price - 1}")];
    }

    private static string Single(long id, long ms = 0) =>
        $$"""{"e":"trade","E":1,"s":"BTCUSDT","t":{{id}},"p":"1","q":"1","T":{{1723161255342 + ms}},"m":true,"M":true}""";

    /// <summary>Its own id is 1000 times its first trade's, its price the last one's and 1.</summary>
    private static string Aggregate(long first, long last, long ms = 0) =>
        $$"""{"e":"aggTrade","E":1,"s":"BTCUSDT","a":{{first * 1000}},"p":"{{last + 1}}","q":"1","f":{{first}},"l":{{last}}"""
            + $$""","T":{{1723161255342 + ms}},"m":false,"M":true}""";
}
