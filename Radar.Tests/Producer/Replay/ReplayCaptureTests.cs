using System.IO.Compression;
using System.Text;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>Captures as people keep them: several venues in one file, long lines, books before trades.</summary>
public sealed class ReplayCaptureTests
{
    private const string Spot =
        """{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":11,"p":"1","q":"2","T":1723161255342,"m":true,"M":true}""";

    private const string Match =
        """{"type":"match","trade_id":12,"side":"sell","size":"985","price":"0.5","product_id":"SKL-BTC","time":"2021-04-17T16:43:"""
            + """37.089723Z"}""";

    private const string Kraken = """[993,[["354.04","0.28","1618678150.826417","s","m",""]],"trade","XMR/USD"]""";

    private const string KrakenV2 =
        """{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":0.5,"qty":6.4"""
            + ""","ord_type":"limit","trade_id":13,"timestamp":"2023-09-25T07:48:36.925533Z"}]}""";

    private const string Bitstamp =
        """{"data":{"id":14,"amount_str":"0.07","price_str":"38.4","type":0,"microtimestamp":"1641343699596000"}"""
            + ""","channel":"live_trades_ethusd","event":"trade"}""";

    [Fact]
    public async Task Captures_of_several_venues_in_one_file_give_the_trades_of_all()
    {
        string[] venues = [Spot, Match, Kraken, KrakenV2, Bitstamp];
        using var run = new ReplayRun();

        // Each venue after each other, without a line about the connection.
        var ticks = await run.ReadTextAsync(
            string.Join('\n', venues.SelectMany(first => venues.SelectMany(second => new[] { first, second }))));

        Assert.Equal(50, ticks.Count);
        Assert.Equal(
            [("binance", 10), ("bitstamp", 10), ("coinbase", 10), ("kraken", 20)],
            ticks.CountBy(tick => tick.Venue!).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal((0, 0), (run.Metrics.Broken, run.Metrics.Skipped));
    }

    [Fact]
    public async Task Concatenated_gzip_captures_with_and_without_addresses_give_the_trades_of_all()
    {
        using var run = new ReplayRun();
        byte[] all = [.. Gzip("wss://stream.binance.us:9443/ws <-> 1\n" + Spot + "\n"), .. Gzip(Kraken + "\n"), .. Gzip(Spot + "\n")];

        var ticks = await run.ReadAllAsync([run.Write("all.gz", all)]);

        Assert.Equal(["binance-us", "kraken", "binance-us"], ticks.Select(tick => tick.Venue));
    }

    [Fact]
    public async Task Lines_of_no_venue_are_counted_apart_and_logged()
    {
        using var run = new ReplayRun();
        string path = run.Write("mixed.txt", Spot + "\n{\"feed\":\"unheard\",\"price\":1}\n{\"feed\":\"unheard\",\"price\":2}\n" + Match
            + "\n");

        Assert.Equal(2, (await run.ReadAllAsync([path])).Count);
        Assert.Contains(run.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)
            && line.Contains($"{path}: 2 lines are of no venue that Radar reads, the first is line 2", StringComparison.Ordinal));
        Assert.Equal((0, 0, 2), (run.Metrics.Broken, run.Metrics.Skipped, run.Metrics.Foreign));
    }

    [Fact]
    public async Task Capture_that_begins_with_a_large_book_is_recognised()
    {
        using var run = new ReplayRun();
        var book = new StringBuilder("""{"lastUpdateId":35346513512,"bids":[""");
        book.AppendJoin(',', Enumerable.Range(1, 150_000).Select(i => $"[\"{i}.00000000\",\"1.00000000\"]")).Append("],\"asks\":[]}");

        var ticks = await run.ReadTextAsync($"1723161254152322667 {book}\n1723161254152322668 {Spot}\n");

        Assert.Equal("binance", Assert.Single(ticks).Venue);
        Assert.Equal(1, run.Metrics.Skipped);
    }

    [Theory]
    [InlineData("""{"u":50093239212,"s":"BTCUSDT","b":"61837.63","B":"3.7","a":"61837.64","A":"1.5"}""")] // bookTicker, raw
    [InlineData("""{"lastUpdateId":160,"bids":[["0.0024","10"]],"asks":[["0.0026","100"]]}""")] // partial depth, raw
    [InlineData("""{"result":null,"id":1}""")]
    public async Task Capture_whose_trades_come_late_is_recognised_by_what_comes_before_them(string line)
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(string.Concat(Enumerable.Repeat(line + "\n", 700)) + Spot);

        Assert.Equal("binance", Assert.Single(ticks).Venue);
        Assert.Equal((700, 0), (run.Metrics.Skipped, run.Metrics.Foreign));
    }

    [Fact]
    public async Task Capture_whose_first_hundreds_of_lines_show_nothing_is_recognised_by_the_first_that_does()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(string.Concat(Enumerable.Repeat("{\"note\":\"from the recorder\"}\n", 2_000)) + Spot);

        Assert.Single(ticks);
        Assert.Equal((0, 2_000), (run.Metrics.Skipped, run.Metrics.Foreign));
    }

    [Fact]
    public async Task Line_that_is_too_long_costs_itself_alone()
    {
        using var run = new ReplayRun();
        string huge = new('x', (32 << 20) + 1);

        var captured = await run.ReadTextAsync(
            $"{Spot}\n{{\"e\":\"{huge}\"}}\n{Spot.Replace(":11", ":12", StringComparison.Ordinal)}\n", "capture.txt");

        Assert.Equal([11, 12], captured.Select(tick => tick.TradeId.Number));
        Assert.Equal(1, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains("line 2 is broken", StringComparison.Ordinal)
            && line.Contains("longer than", StringComparison.Ordinal));

        using var table = new ReplayRun();
        var rows = await table.ReadTextAsync(
            $"symbol,price,timestamp\nA,1,1723161255342\n{huge},1,1723161255342\nB,1,1723161255342\nC,x,1\n");
        Assert.Equal(["A", "B"], rows.Select(tick => tick.Symbol));
        Assert.Equal(2, table.Metrics.Broken);
        Assert.Contains(table.Log.Lines, line => line.Contains("line 3 is broken", StringComparison.Ordinal));
        Assert.Contains(table.Log.Lines, line => line.Contains("line 5 is broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_consumer_would_refuse_is_reported_by_file_and_line()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Speed = 1;
        string id = new('é', 65); // 130 bytes, two more than a text may have

        var ticks = await run.ReadTextAsync(
            $"""
            {Bitstamp.Replace("1641343699596000", "9000000000000000000", StringComparison.Ordinal)}
            {Bitstamp}
            {Bitstamp.Replace("0.07", "10000000000000000000000000", StringComparison.Ordinal)}
            """);
        var rows = await new ReplayRun().ReadTextAsync($"symbol,price,timestamp,id\nA,1,1723161255342,{id}\nA,1,1723161255342,short\n");

        Assert.Equal(1641343699596, Assert.Single(ticks).TimestampMs);
        Assert.Equal(2, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains("line 1 is broken", StringComparison.Ordinal)
            && line.Contains("bad_timestamp", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains("line 3 is broken", StringComparison.Ordinal)
            && line.Contains("out_of_range", StringComparison.Ordinal));
        Assert.Equal("short", Assert.Single(rows).TradeId.Text);
    }

    [Fact]
    public void Capture_of_a_venue_that_is_not_read_stops_the_start_however_long_it_is()
    {
        using var run = new ReplayRun();
        string path = run.Write(
            "gate.txt", "wss://api.gateio.ws/ws/v4/ <-> 1\n" + string.Concat(Enumerable.Repeat("{\"time\":1}\n", 5_000)));

        Assert.Contains("capture of api.gateio.ws", Assert.Throws<ConfigurationException>(() => run.Open(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wss://ws.bitstamp.net <-> 1", """{"event":"tick","channel":"somewhere","data":{}}""")]
    [InlineData("wss://futures.kraken.com/ws/v1 <-> 1",
        """{"feed":"trade","product_id":"PI_XBTUSD","side":"sell","type":"fill","seq":1,"time":1612266317519,"qty":150.0"""
            + ""","price":34422.5}""")]
    public async Task Feed_that_is_not_read_stops_the_start_and_is_reported_where_it_is_a_part(string address, string message)
    {
        using var run = new ReplayRun();
        string path = run.Write("feed.txt", $"{address}\n{message}\n");

        Assert.Contains("of feeds that Radar does not read", Assert.Throws<ConfigurationException>(() => run.Open(path)).Message,
            StringComparison.Ordinal);

        using var part = new ReplayRun();
        Assert.Single(await part.ReadTextAsync($"{address}\n{message}\n{Spot}\n"));
        Assert.Contains(part.Log.Lines, line => line.Contains("1 lines are of no venue that Radar reads", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Capture_of_a_connection_without_messages_is_empty()
    {
        using var run = new ReplayRun();

        Assert.Empty(await run.ReadTextAsync("wss://ws.kraken.com <-> 1\nwss://ws.kraken.com <- 2: {\"event\":\"subscribe\"}\n"));
    }

    private static byte[] Gzip(string text)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return stream.ToArray();
    }
}
