using System.IO.Compression;
using System.Text;
using Radar.Market;
using Radar.Producer;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>CSV as venues and vendors write it.</summary>
public sealed class ReplayCsvTests
{
    private const long Ms = 1723109400123; // 2024-08-08T09:30:00.123Z

    [Theory]
    [InlineData("34200")] // seconds since midnight
    [InlineData("34200123")] // milliseconds since midnight
    [InlineData("34200123000000")] // nanoseconds since midnight
    [InlineData("093000")]
    [InlineData("20240808")]
    [InlineData("09:30:00")]
    [InlineData("0")]
    public async Task Time_that_is_a_date_or_a_time_of_day_alone_is_broken_and_not_a_day_of_1970(string time)
    {
        using var run = new ReplayRun();

        Assert.Empty(await run.ReadTextAsync($"symbol,time,price\nA,{time},1\n"));
        Assert.Equal(1, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains("line 2 is broken", StringComparison.Ordinal)
            && line.Contains("Producer:Replay:TimeUnit", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SYMBOL,DATE,TIME,PRICE,SIZE\nA,20240808,09:30:00.123,1,2\n")]
    [InlineData("SYMBOL,DATE,TIME,PRICE,SIZE\nA,2024-08-08,9:30:00.123456789,1,2\n")]
    [InlineData("TIME,DATE,SYMBOL,PRICE,SIZE\n09:30:00.123,2024/08/08,A,1,2\n")]
    [InlineData("DATE,TIME_M,SYM_ROOT,PRICE,SIZE\n20240808,9:30:00.123,A,1,2\n")]
    [InlineData("symbol,date,time,price,size\nA,2024-08-08,2024-08-08T09:30:00.123Z,1,2\n")] // the time alone is one
    [InlineData("symbol,date,time,price,size\nA,2024-08-08,1723109400123,1,2\n")]
    [InlineData("symbol,date,timestamp,price,size\nA,whatever,1723109400123,1,2\n")]
    public async Task Date_and_time_of_day_of_two_columns_are_one_time(string text)
    {
        using var run = new ReplayRun();

        Assert.Equal([new Tick("A", 1, Ms, 2)], await run.ReadTextAsync(text));
    }

    [Theory]
    [InlineData("20240808,34200")] // seconds, or half past nine hours of something else: unknown
    [InlineData("20240808,093000")]
    [InlineData("20240808,3420012300")] // microseconds since midnight, or Unix seconds of 2078
    [InlineData("20240832,09:30:00")]
    [InlineData("08/08/2024,09:30:00")]
    [InlineData(",09:30:00")]
    [InlineData("20240808,25:30:00")]
    [InlineData("20240808,")]
    public async Task Date_and_time_of_day_that_are_not_one_time_are_broken(string dateAndTime)
    {
        using var run = new ReplayRun();

        Assert.Empty(await run.ReadTextAsync($"date,time,symbol,price\n{dateAndTime},A,1\n"));
        Assert.Equal(1, run.Metrics.Broken);
    }

    [Theory]
    [InlineData(TimeUnit.S, "date,time,symbol,price\n20240808,34200.123,A,1\n")]
    [InlineData(TimeUnit.Ms, "date,time,symbol,price\n20240808,34200123,A,1\n")]
    [InlineData(TimeUnit.Ns, "date,time,symbol,price\n20240808,34200123456789,A,1\n")]
    [InlineData(TimeUnit.Ms, "time,symbol,price\n1723109400123,A,1\n")]
    [InlineData(TimeUnit.Us, "time,symbol,price\n1723109400123999,A,1\n")]
    public async Task Configured_unit_shows_what_a_number_counts_since_1970_or_since_the_date(TimeUnit unit, string text)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.TimeUnit = unit;

        Assert.Equal([new Tick("A", 1, Ms)], await run.ReadTextAsync(text));
    }

    [Theory]
    [InlineData("HHmmss", "093000", "09:30:00.000")]
    [InlineData("HHmmssfff", "093000123", "09:30:00.123")]
    [InlineData("HHmmssfffffffff", "093000123456789", "09:30:00.123")] // nanoseconds, of which .NET has no format
    public async Task Format_of_a_time_of_day_takes_the_date_from_its_column_and_never_todays(string format, string time, string expected)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.TimeFormat = format;
        Assert.Empty(await run.ReadTextAsync($"time,symbol,price\n{time},A,1\n"));
        Assert.Equal(1, run.Metrics.Broken);

        using var dated = new ReplayRun();
        dated.Producer.Replay.TimeFormat = format;
        var tick = Assert.Single(await dated.ReadTextAsync($"date,time,symbol,price\n20240808,{time},A,1\n"));
        Assert.Equal($"2024-08-08T{expected}Z", Rfc3339.Format(tick.TimestampMs));
    }

    [Fact]
    public async Task Configured_unit_holds_where_the_number_is_small()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.TimeUnit = TimeUnit.Ms;

        Assert.Equal([new Tick("A", 1, 7)], await run.ReadTextAsync("time,symbol,price\n7,A,1\n"));
    }

    [Theory]
    [InlineData("Time (EST)", "2024-08-08 04:30:00.123")]
    [InlineData("Local time", "08.08.2024 04:30:00.123")]
    public async Task Time_whose_name_says_another_zone_is_refused_until_a_setting_or_an_offset_says_which(string column, string time)
    {
        using var run = new ReplayRun();
        string path = run.Write("a.csv", $"symbol,{column},price\nA,{time},1\n");
        Assert.Contains("Producer:Replay:TimeZone", Assert.Throws<ConfigurationException>(() => run.Open(path)).Message,
            StringComparison.Ordinal);

        using var set = new ReplayRun();
        set.Producer.Replay.TimeZone = "Etc/GMT+5";
        Assert.Equal([new Tick("A", 1, Ms)], await set.ReadAllAsync([path]));
        using var shown = new ReplayRun();
        Assert.Equal([new Tick("A", 1, Ms)], await shown.ReadTextAsync($"symbol,{column},price\nA,{time} GMT-0500,1\n"));
    }

    [Theory]
    [InlineData("symbol,date,tradetm,price\nA,2024-08-08,09:30:00,1\n", true)]
    [InlineData("symbol,date,price\nA,2024-08-08 09:30:00,1\n", false)]
    [InlineData("symbol,date,time,price\nA,2024-08-08,09:30:00,1\n", false)]
    public async Task Dates_without_a_time_of_day_are_warned_of_at_the_start(string text, bool warns)
    {
        using var run = new ReplayRun();

        Assert.Single(await run.ReadTextAsync(text));
        Assert.Equal(warns, run.Log.Lines.Any(line => line.Contains("holds dates without a time of day", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Time_that_a_spreadsheet_rounded_is_broken_and_one_with_all_its_digits_is_read()
    {
        using var run = new ReplayRun();

        Assert.Equal([new Tick("A", 2, Ms)], await run.ReadTextAsync("symbol,time,price\nA,1.72311E+12,1\nA,1.723109400123E+12,2\n"));
        Assert.Contains(run.Log.Lines, line => line.Contains("a time that lost digits", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n7,.5,.25,1,3,1723109400123,false\n",
        null, null)]
    [InlineData("id,price,qty,quote_qty,time,is_buyer_maker\n7,0.5,0.25,1,1723109400123,FALSE\n", null, null)]
    [InlineData("id,price,qty,time,Is Buyer Maker\n7,0.5,0.25,1723109400123,false\n", "Is Buyer Maker", null)]
    [InlineData("id,price,qty,time,maker\n7,0.5,0.25,1723109400123,0\n", null, "maker")]
    [InlineData("ID;Price;Qty;Time;Side\r\n7;+0.5;0.25;2024-08-08T11:30:00.123456789+02:00;B\r\n", null, null)]
    [InlineData(
        "\uFEFF\"id\"\t\"price\"\t\"qty\"\t\"Timestamp\"\t\"side\"\n\"7\"\t\"5.e-1\"\t\"0.25\"\t\"2024-08-08 09:30:00.123Z\"\t\"Buy\"\n",
        null, null)]
    [InlineData("https://www.CryptoDataDownload.com\nid,price,qty,time,side\n7,0.5,0.25,1723109400123,buy\n", null, null)]
    [InlineData("sep=;\nid;price;qty;time;side\n7;0.5;0.25;1723109400123;buy\n", null, null)]
    [InlineData("#id,price,qty,time,side\n7,0.5,0.25,1723109400123,buy\n", null, null)]
    [InlineData("# a vendor's note\n\nid,price,qty,time,side\n7,0.5,0.25,1723109400123,buy\n", null, null)]
    [InlineData("Unix Timestamp,Date,id,Side,Price,Amount,Volume BTC\n1723109400123,2024-08-08 09:30:00,7,buy,0.5,0.25,0.25\n", null, null)]
    [InlineData("trade_id,side,size,price,created_time,instrument_name\n7,buy,0.25,0.5,1723109400123,X\n", null, null)]
    public async Task Csv_of_venues_and_vendors_is_read(string text, string? side, string? buyerIsMaker)
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Symbol = "x";
        run.Producer.Replay.Columns.Side = side;
        run.Producer.Replay.Columns.BuyerIsMaker = buyerIsMaker;

        Assert.Equal([new Tick("X", 0.5m, Ms, 0.25m, new TradeId(7), Side.Buy)], await run.ReadTextAsync(text));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Fact]
    public async Task Configured_header_stands_for_one_that_a_file_lacks_and_only_for_that()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Header = "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match";
        run.Producer.Replay.Symbol = "x";
        run.Write(
            "a.csv", $"7,0.50000000,0.25000000,0.125,{Ms},False,True\n8,broken,0.25,0.125,{Ms},False,True\n9,0.5,0.25,0.125,{Ms}000,True"
                + $",True\n");
        run.Write("b.csv", $"time,price,qty\n{Ms},1,1\n");

        var ticks = await run.ReadAllAsync([run.Folder]);

        Assert.Equal(
            [
                new Tick("X", 0.5m, Ms, 0.25m, new TradeId(7), Side.Buy), new Tick("X", 0.5m, Ms, 0.25m, new TradeId(9), Side.Sell),
                new Tick("X", 1, Ms, 1),
            ],
            ticks);
        Assert.Contains(run.Log.Lines, line => line.Contains("a.csv, line 2 is broken", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("123,0.5,0.25,0.1,1723109400123,True,True\n124,0.5,0.25,0.1,1723109400123,True,True\n", "no header")]
    [InlineData("https://www.example.org/a\nhttps://www.example.org/b\n", "not recognised")]
    public void Csv_without_a_header_stops_the_start_and_reports_it(string text, string reason)
    {
        using var run = new ReplayRun();
        string path = run.Write("a.csv", text);

        Assert.Contains(reason, Assert.Throws<ConfigurationException>(() => run.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Utf16_is_read_as_its_byte_order_mark_shows(bool bigEndian, bool inGzip)
    {
        using var run = new ReplayRun();
        var encoding = new UnicodeEncoding(bigEndian, true);
        byte[] text = [.. encoding.Preamble, .. encoding.GetBytes("symbol,price,timestamp\nA,1,1723109400123\n")];
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, true))
            gzip.Write(text);

        Assert.Equal([new Tick("A", 1, Ms)], await run.ReadAllAsync([run.Write("a.csv", inGzip ? packed.ToArray() : text)]));
    }

    [Theory]
    [InlineData("utf-32", true, "UTF-32")]
    [InlineData("utf-16", false, "UTF-16 without a byte order mark")]
    [InlineData("utf-16BE", false, "UTF-16 without a byte order mark")]
    public void Text_in_another_encoding_stops_the_start_and_is_named(string name, bool hasMark, string reason)
    {
        using var run = new ReplayRun();
        var encoding = Encoding.GetEncoding(name);
        string path = run.Write(
            "a.csv", [.. hasMark ? encoding.Preamble : [], .. encoding.GetBytes("symbol,price,timestamp\nA,1,1723109400123\n")]);

        Assert.Contains(reason, Assert.Throws<ConfigurationException>(() => run.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Venue_is_measured_in_bytes_as_the_topic_does()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(
            $"symbol,price,timestamp,venue\nA,1,1723109400123,{new string('é', 100)}\nB,1,1723109400123,x\n");

        Assert.Equal("B", Assert.Single(ticks).Symbol);
        Assert.Equal(1, run.Metrics.Broken);
    }

    [Fact]
    public async Task Gzip_that_is_cut_anywhere_gives_the_rows_before_the_cut_and_never_stops_the_host()
    {
        var random = new Random(7);
        byte[] text = Encoding.UTF8.GetBytes("symbol,price,timestamp\n" + string.Concat(
            Enumerable.Range(0, 4_000).Select(i => $"S{random.Next(1000)},{random.Next(1, 9999)},{Ms + i}\n")));
        using var whole = new MemoryStream();
        using (var gzip = new GZipStream(whole, CompressionLevel.Fastest, true))
            gzip.Write(text);

        for (int length = 20; length < whole.Length; length += 1_500)
        {
            using var run = new ReplayRun();
            byte[] cut = whole.ToArray()[..length];
            List<Tick> ticks;
            try
            {
                ticks = await run.ReadAllAsync([run.Write("cut.csv.gz", cut)]);
            }
            catch (ConfigurationException)
            {
                // Nothing at all can be read, not even the header: a named file that stops the start.
                Assert.True(Readable(cut).IndexOf((byte)'\n') < 0, $"cut at {length}");
                continue;
            }

            Assert.Equal(Math.Max(0, Readable(cut).AsSpan().Count((byte)'\n') - 1), ticks.Count);
            Assert.Equal(1, run.Metrics.Broken);
        }
    }

    /// <summary>What can be had of a damaged gzip.</summary>
    private static byte[] Readable(byte[] gzip)
    {
        using var stream = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        var all = new List<byte>();
        var one = new byte[1];
        try
        {
            while (stream.Read(one) > 0)
                all.Add(one[0]);
        }
        catch (InvalidDataException)
        {
            return [.. all];
        }

        return [.. all];
    }
}
