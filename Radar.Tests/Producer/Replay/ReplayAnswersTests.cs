using System.Text.Json;
using Radar.Market;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Replay;

/// <summary>Replays of recorded data against totals that other code computed with decimals.</summary>
public sealed class ReplayAnswersTests
{
    public static TheoryData<string> Files => SharedData.Folder is null ? new TheoryData<string>("none") : new TheoryData<string>(Names());

    [RequiresTheory(Need.SharedData)]
    [MemberData(nameof(Files))]
    public async Task Replay_of_a_recorded_file_has_its_exact_totals(string name)
    {
        using var answers = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedData.Path("ANSWERS.json")));
        var answer = answers.RootElement.GetProperty(name);
        using var run = new ReplayRun();

        var ticks = await run.ReadAllAsync([SharedData.Path(name.Split('!')[0])]);

        Assert.Equal(answer.GetProperty("trades").GetInt32(), ticks.Count);
        Assert.Equal(Decimal(answer, "open"), ticks[0].Price);
        Assert.Equal(Decimal(answer, "high"), ticks.Max(tick => tick.Price));
        Assert.Equal(Decimal(answer, "low"), ticks.Min(tick => tick.Price));
        Assert.Equal(Decimal(answer, "close"), ticks[^1].Price);
        Assert.Equal(Decimal(answer, "qty"), ticks.Sum(tick => tick.Size));
        Assert.Equal(Decimal(answer, "notional"), ticks.Sum(tick => tick.Price * tick.Size));
        Assert.Equal(0, run.Metrics.Broken);
        if (answer.GetProperty("first_id").ValueKind == JsonValueKind.Number)
        {
            Assert.Equal(answer.GetProperty("first_id").GetInt64(), ticks[0].TradeId.Number);
            Assert.Equal(answer.GetProperty("last_id").GetInt64(), ticks[^1].TradeId.Number);
            Assert.Equal(answer.GetProperty("first_t").GetInt64(), ticks[0].TimestampMs);
            Assert.Equal(answer.GetProperty("last_t").GetInt64(), ticks[^1].TimestampMs);

            // Two rows are identical there where all is equal but the id.
            int distinct = ticks.DistinctBy(tick => tick with { TradeId = default }).Count();
            Assert.Equal(answer.GetProperty("identical_rows").GetInt32(), ticks.Count - distinct);
        }
    }

    [RequiresTheory(Need.SharedData)]
    [InlineData("lean/equity_usa_tick_aig_20131007_trade.zip", "AIG", "2013-10-07T08:00:00.688Z")] // 04:00 in New York's summer
    [InlineData("lean/equity_usa_tick_ibm_20131011_trade.zip", "IBM", "2013-10-11T12:11:15.725Z")]
    public async Task Lean_files_are_named_by_their_entry_and_timed_in_new_york(string file, string symbol, string first)
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadAllAsync([SharedData.Path(file)]);

        Assert.All(ticks, tick => Assert.Equal((symbol, "lean"), (tick.Symbol, tick.Venue)));
        Assert.Equal(first, Rfc3339.Format(ticks[0].TimestampMs));
    }

    [RequiresFact(Need.SharedData)]
    public async Task Files_of_one_folder_are_merged_by_time_and_markets_distinguished()
    {
        using var run = new ReplayRun();
        run.Producer.SymbolFormat = "{venue}:{symbol}";

        var ticks = await run.ReadAllAsync([SharedData.Path("hftbacktest")]);

        Assert.Equal(51_252, ticks.Count);
        Assert.Equal(ticks.OrderBy(tick => tick.TimestampMs).Select(tick => tick.TimestampMs), ticks.Select(tick => tick.TimestampMs));
        Assert.Equal(
            [("BINANCE-USDM:BTCUSDT", 21_313), ("BINANCE-USDM:ETHUSDT", 14_076), ("BINANCE:BTCUSDT", 9_757), ("BINANCE:ETHUSDT", 6_106)],
            ticks.CountBy(tick => tick.Symbol).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
        foreach (var market in ticks.GroupBy(tick => tick.Symbol))
            Assert.Equal(Enumerable.Range(0, market.Count()).Select(i => market.First().TradeId.Number + i),
                market.Select(tick => tick.TradeId.Number));
    }

    [RequiresTheory(Need.SharedData)]
    [InlineData("BINANCE.ws.1.0", "binance", 2)]
    [InlineData("BINANCE_FUTURES.ws.1.0", "binance-usdm", 91)]
    [InlineData("BINANCE_US.ws.1.0", "binance-us", 11)]
    [InlineData("COINBASE.ws.28.0", "coinbase", 97)]
    [InlineData("KRAKEN.ws.48.0", "kraken", 10)]
    [InlineData("KRAKEN.ws.49.0", "kraken", 0)]
    [InlineData("KRAKEN.ws.50.0", "kraken", 0)]
    [InlineData("BITSTAMP.ws.1.0", "bitstamp", 10)]
    [InlineData("OKX.ws.1.0", "okx", 74)]
    public async Task Capture_of_a_venue_gives_its_trades_and_nothing_else(string file, string venue, int trades)
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadAllAsync([SharedData.Path("cryptofeed/" + file)]);

        Assert.Equal(trades, ticks.Count);
        Assert.All(ticks, tick => Assert.Equal(venue, tick.Venue));
        Assert.Equal((0, 0), (run.Metrics.Broken, run.Metrics.Foreign));
        Assert.True(run.Metrics.Skipped > 0);
    }

    private static string[] Names()
    {
        using var answers = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("ANSWERS.json")));
        return [.. answers.RootElement.EnumerateObject().Select(file => file.Name)];
    }

    private static decimal Decimal(JsonElement answer, string name) =>
        decimal.Parse(answer.GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
