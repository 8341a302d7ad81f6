using System.IO.Compression;
using System.Text;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Replay;

/// <summary>Small files by hand: every format, every rule, and what goes wrong.</summary>
public sealed class ReplayFormatTests
{
    private const string Event = """{"symbol":"BTCUSDT","price":61837.63,"timestamp":1723161255342}""";

    [Fact]
    public async Task Events_are_read_and_broken_lines_logged_by_file_and_line()
    {
        using var run = new ReplayRun();
        string path = run.Write("a.ndjson", $"{Event}\n\n{Event[..30]}\r\n{{\"symbol\":\"X\"}}\n{Event}");

        var ticks = await run.ReadAllAsync([path]);

        Assert.Equal([new Tick("BTCUSDT", 61837.63m, 1723161255342), new Tick("BTCUSDT", 61837.63m, 1723161255342)], ticks);
        Assert.Equal(2, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains($"{path}, line 3 is broken", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains($"{path}, line 4 is broken", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line =>
            line.Contains("2 ticks from 1 files, 0 lines were no trades, 2 were broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_first_broken_lines_of_a_file_are_reported_and_all_are_counted()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(Event + "\n" + string.Concat(Enumerable.Repeat("{\"x\n", 1000)) + Event);

        Assert.Equal(2, ticks.Count);
        Assert.Equal(1000, run.Metrics.Broken);
        Assert.Equal(5, run.Log.Lines.Count(line => line.Contains("is broken", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("symbol,price,size,timestamp,trade_id,side,venue\nbtcusdt,61837.63,0.5,1723161255342,7,buy,x")]
    [InlineData("Ticker;Px;Qty;Time;ID;Side;Exchange\nBTCUSDT;61837.63000;5E-1;2024-08-08T23:54:15.342119Z;7;B;x\n")]
    [InlineData("pair\tlast\tvolume\tts\ttradeId\tside\tvenue\r\nBTCUSDT\t61837.63\t.5e0\t1723161255.342\t7\tBUY\tx\r\n")]
    [InlineData(
        "product_id|price|amount|datetime|Trade ID|is_buyer_maker|venue\n\"BTCUSDT\"|\"61837.63\"|0.50|\"2024-08-08 "
            + "23:54:15.342\"|7|false|x")]
    [InlineData(
        "\uFEFF\"symbol\",\"price\",\"size\",\"timestamp\",\"id\",\"side\",\"venue\"\n\"BTCUSDT\",61837.63,0.5,1723161255342000,7,b,\"x\"")]
    public async Task Csv_columns_are_found_by_usual_names_and_delimiters(string text)
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(text);

        Assert.Equal([new Tick("BTCUSDT", 61837.63m, 1723161255342, 0.5m, new TradeId(7), Side.Buy, "x")], ticks);
    }

    [Fact]
    public async Task Csv_columns_symbol_and_venue_can_be_configured()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Columns.Price = "Close Price";
        run.Producer.Replay.Columns.Side = "";
        run.Producer.Replay.Symbol = "gold";
        run.Producer.Replay.Venue = "otc";

        var ticks = await run.ReadTextAsync("time,price,close price,side\n1723161255342,1,2.50,whatever\n");

        Assert.Equal([new Tick("GOLD", 2.5m, 1723161255342, Venue: "otc")], ticks);
    }

    [Theory]
    [InlineData("X,0,1,1723161255342,buy", "no price")]
    [InlineData("X,NaN,1,1723161255342,buy", "no price")]
    [InlineData("X,1e400,1,1723161255342,buy", "no price")]
    [InlineData("X,1,-1,1723161255342,buy", "size")]
    [InlineData("X,1,1,never,buy", "no time")]
    [InlineData("X,1,1,1723161255342,left", "side")]
    [InlineData("X!,1,1,1723161255342,buy", "no symbol")]
    [InlineData("X,1", "2 fields")]
    [InlineData("\"X,1,1,1723161255342,buy", "quote")]
    public async Task Csv_row_that_is_no_tick_is_broken_and_the_next_is_read(string row, string reason)
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync($"symbol,price,size,timestamp,side\n{row}\nY,1,1,1723161255342,buy\n");

        Assert.Equal("Y", Assert.Single(ticks).Symbol);
        Assert.Contains(run.Log.Lines, line => line.Contains("line 2 is broken", StringComparison.Ordinal)
            && line.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("symbol,amount,timestamp\nX,1,2\n", "Producer:Replay:Columns:Price")]
    [InlineData("symbol,price,amount\nX,1,2\n", "Producer:Replay:Columns:Timestamp")]
    [InlineData("price,timestamp\n1,2\n", "Producer:Replay:Symbol")]
    [InlineData("just some words\nof prose\n", "not recognised")]
    [InlineData("{\"a\":1}\n{\"b\":2}\n", "neither Radar events")]
    [InlineData("14400688,491800,300,P,2000,0\n", "20131007_aig_Trade_Tick.csv")]
    [InlineData("wss://api.gateio.ws/ws/v4/ <-> 1652459224.5\n1652459225.5: {\"event\":\"subscribe\"}\n", "capture of api.gateio.ws")]
    public void Named_file_that_cannot_be_read_stops_the_start_and_gives_the_reason(string text, string reason)
    {
        using var run = new ReplayRun();
        string path = run.Write("odd.txt", text);

        var error = Assert.Throws<ConfigurationException>(() => run.Open(path));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unreadable_file_of_a_folder_is_left_out_and_logged()
    {
        using var run = new ReplayRun();
        run.Write("deep/er/a.json", Event);
        run.Write("deep/README.md", "# prose\n");
        run.Write("deep/quiet.csv", "");
        run.Write("deep/.hidden.json", Event);

        var ticks = await run.ReadAllAsync([run.Folder]);

        Assert.Single(ticks);
        Assert.Equal(2, run.Log.Lines.Count(line => line.Contains("is left out", StringComparison.Ordinal)));
    }

    [Fact]
    public void Missing_path_is_named()
    {
        using var run = new ReplayRun();

        var error = Assert.Throws<ConfigurationException>(() => run.Open(Path.Combine(run.Folder, "nowhere.csv")));

        Assert.Contains("nowhere.csv does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Glob_that_matches_nothing_is_named()
    {
        using var run = new ReplayRun();

        var error = Assert.Throws<ConfigurationException>(() => run.Open(Path.Combine(run.Folder, "*.csv")));

        Assert.Contains("*.csv matches no files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Globs_folders_and_names_give_each_file_once()
    {
        using var run = new ReplayRun();
        string a = run.Write("x/a.json", Event);
        run.Write("x/y/b.json", Event);
        run.Write("x/y/c.csv", "symbol,price,timestamp\nC,1,1723161255342\n");

        Assert.Equal(
            2, (await run.ReadAllAsync([a, Path.Combine(run.Folder, "x", "**", "*.json"), Path.Combine(run.Folder, "?", "a.json")])).Count);
    }

    [RequiresFact(Need.Links)]
    public async Task Links_show_no_file_again()
    {
        using var run = new ReplayRun();
        string a = run.Write("2024/a.json", Event);
        using var elsewhere = new ReplayRun();
        File.CreateSymbolicLink(Path.Combine(run.Folder, "latest.json"), a);
        Directory.CreateSymbolicLink(Path.Combine(run.Folder, "current"), Path.Combine(run.Folder, "2024"));
        File.CreateSymbolicLink(Path.Combine(run.Folder, "2024", "b.json"), elsewhere.Write("b.json", Event));

        run.Write("lean/20131101_x_Trade_Tick.csv", "34200000,10000,1,P,0,0\n");
        File.CreateSymbolicLink(Path.Combine(run.Folder, "lean", "1-latest.csv"),
            Path.Combine(run.Folder, "lean", "20131101_x_Trade_Tick.csv"));

        Assert.Equal(3, (await run.ReadAllAsync([run.Folder, Path.Combine(run.Folder, "*.json")])).Count);
    }

    [Fact]
    public async Task Compression_is_seen_through_whatever_the_name()
    {
        using var run = new ReplayRun();
        run.Write("gzip.csv", Gzip(Event));
        using var zipped = new MemoryStream();
        using (var zip = new ZipArchive(zipped, ZipArchiveMode.Create, true))
        {
            foreach (var (name, content) in new[] { ("a/plain.json", Encoding.UTF8.GetBytes(Event)), ("b.json.gz", Gzip(Event)) })
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        run.Write("zip.json", zipped.ToArray());

        Assert.Equal(3, (await run.ReadAllAsync([run.Folder])).Count);
    }

    [Fact]
    public async Task Truncated_gzip_is_replayed_up_to_there_and_logged()
    {
        using var run = new ReplayRun();
        var random = new Random(1);
        byte[] whole = Gzip(string.Concat(Enumerable.Range(0, 50_000).Select(i =>
            $"{{\"symbol\":\"S{random.Next(100)}\",\"price\":{random.Next(1, 1000)},\"timestamp\":{i}}}\n")));

        var ticks = await run.ReadAllAsync([run.Write("cut.gz", whole[..(whole.Length / 2)])]);

        Assert.InRange(ticks.Count, 10_000, 40_000);
        Assert.Contains(run.Log.Lines, line => line.Contains("cannot be read further", StringComparison.Ordinal));
        Assert.Equal(1, run.Metrics.Broken);
    }

    [Fact]
    public async Task Damaged_zip_is_a_configuration_error()
    {
        using var run = new ReplayRun();
        string path = run.Write("bad.zip", [0x50, 0x4B, 3, 4, 1, 2, 3, 4, 5]);

        var error = await Assert.ThrowsAsync<ConfigurationException>(() => run.ReadAllAsync([path]));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_zip_of_a_folder_is_left_out_and_logged()
    {
        using var run = new ReplayRun();
        run.Write("bad.zip", [0x50, 0x4B, 3, 4, 1, 2, 3, 4, 5]);
        run.Write("a.json", Event);

        Assert.Single(await run.ReadAllAsync([run.Folder]));
        Assert.Contains(run.Log.Lines, line => line.Contains("bad.zip is left out: it cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Capture_without_addresses_finds_its_venue_and_counts_what_is_no_trade()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(
            """
            1723161254152322667 {"lastUpdateId":35346513512,"bids":[]}
            1723161254087891268 {"stream":"btcusdt@bookTicker","data":{"u":50093239212,"s":"BTCUSDT","b":"61837.63","B":"3","a":"61837.64","A":"1"}}
            1723161254087896568 {"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":3,"p":"61837.63","q":"0.02","T":1723161255342,"m":true,"M":true}}
            1723161254087896569 {"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUS
            ??
            """);

        Assert.Equal([new Tick("BTCUSDT", 61837.63m, 1723161255342, 0.02m, new TradeId(3), Side.Sell, "binance")], ticks);
        Assert.Equal((2, 2), (run.Metrics.Skipped, run.Metrics.Broken));
        Assert.Contains(run.Log.Lines, line => line.Contains("line 4 is broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lean_winter_time_differs_from_summer_time()
    {
        using var run = new ReplayRun();
        run.Write("20131101_x_Trade_Tick.csv", "34200000,10000,1,P,0,0\n"); // 09:30, UTC-4
        run.Write("20131104_x_Trade_Tick.csv", "34200000,10001,2,P,0,1\nnonsense\n"); // 09:30, UTC-5, and suspicious ones count

        var ticks = await run.ReadAllAsync([run.Folder]);

        Assert.Equal(["2013-11-01T13:30:00.000Z", "2013-11-04T14:30:00.000Z"], ticks.Select(tick => Rfc3339.Format(tick.TimestampMs)));
        Assert.Equal([1m, 1.0001m], ticks.Select(tick => tick.Price));
        Assert.Equal(1, run.Metrics.Broken);
    }

    [Fact]
    public async Task Name_that_the_format_makes_too_long_is_broken()
    {
        using var run = new ReplayRun();
        run.Producer.SymbolFormat = "{venue}:{symbol}";

        var ticks = await run.ReadTextAsync(
            """
            {"symbol":"A","price":1,"timestamp":1,"venue":"v"}
            {"symbol":"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF","price":1,"timestamp":2,"venue":"v"}
            {"symbol":"B","price":1,"timestamp":3}
            """);

        Assert.Equal(["V:A", "UNKNOWN:B"], ticks.Select(tick => tick.Symbol));
        Assert.Equal(1, run.Metrics.Broken);
    }

    private static byte[] Gzip(string text)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return stream.ToArray();
    }
}
