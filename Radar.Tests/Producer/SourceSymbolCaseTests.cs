using System.Text;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Live;
using Radar.Producer.Synthetic;
using Radar.Producer.Topics;
using Radar.Tests.Producer.Live;
using Radar.Tests.Producer.Replay;

namespace Radar.Tests.Producer;

/// <summary>Each source keeps the case in which it spells symbols where <c>Producer:SymbolCase</c> is <c>keep</c>.</summary>
public sealed class SourceSymbolCaseTests
{
    private const string Csv = "symbol,price,timestamp\nBRKa,1,1736346600060\nBRKA,2,1736346600061\nbrka,3,1736346600062\n";

    private const string Events = """
        {"symbol":"BRKa","price":1,"timestamp":1736346600060}
        {"symbol":"BRKA","price":2,"timestamp":1736346600061}
        {"symbol":"br\u006ba","price":3,"timestamp":1736346600062}
        """;

    private const string Capture = """
        {"channel":"trades","data":[{"coin":"kPEPE","side":"B","px":"1","sz":"1","hash":"0x","time":1736346600060,"tid":1,"users":[]}]}
        {"channel":"trades","data":[{"coin":"KPEPE","side":"B","px":"2","sz":"1","hash":"0x","time":1736346600061,"tid":2,"users":[]}]}
        {"channel":"trades","data":[{"coin":"\u006bPEPE","side":"B","px":"3","sz":"1","hash":"0x","time":1736346600062,"tid":3,"users":[]}]}
        """;

    [Theory]
    [InlineData("a.csv", Csv, "BRKa BRKA brka")]
    [InlineData("a.json", Events, "BRKa BRKA brka")]
    [InlineData("a.txt", Capture, "kPEPE KPEPE kPEPE")]
    [InlineData("kPEPE-trades-2025-01-08.csv", "price,size,timestamp\n1,1,1736346600060\n", "kPEPE")]
    [InlineData("20131007_brkA_Trade_Tick.csv", "34200000,10,100,P,0,0\n", "brkA")]
    [InlineData("20160217_btcUsd_tick_trade.csv", "1000,420.5,0.1\n", "btcUsd")]
    public async Task Recording_is_read_as_it_spells_symbols(string name, string text, string symbols)
    {
        using var run = new ReplayRun();
        run.Producer.SymbolCase = SymbolCase.Keep;

        var ticks = await run.ReadTextAsync(text, name);

        Assert.Equal(symbols, string.Join(' ', ticks.Select(tick => tick.Symbol)));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Theory]
    [InlineData("20131007_brkA_Trade_Tick.csv", "34200000,10,100,P,0,0\n", "BRKA")]
    [InlineData("20160217_btcUsd_tick_trade.csv", "1000,420.5,0.1\n", "BTCUSD")]
    public async Task Recording_is_upper_cased_by_default(string name, string text, string symbols)
    {
        using var run = new ReplayRun();

        Assert.Equal(symbols, string.Join(' ', (await run.ReadTextAsync(text, name)).Select(tick => tick.Symbol)));
    }

    [Theory]
    [InlineData("a.csv", Csv, 2)]
    [InlineData("a.json", Events, 2)]
    [InlineData("a.txt", Capture, 1)]
    public async Task Second_spelling_in_a_recording_is_left_out_and_named(string name, string text, int leftOut)
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(text, name);

        Assert.Equal(3 - leftOut, ticks.Count);
        Assert.Single(ticks.Select(tick => tick.Symbol).Distinct());
        Assert.Equal(leftOut, run.Metrics.Broken);
        Assert.Contains("differs in case only from", string.Join('\n', run.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_venue_of_a_capture_spells_as_it_likes()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadTextAsync(
            """
            {"channel":"trades","data":[{"coin":"btcusd","side":"B","px":"1","sz":"1","hash":"0x","time":1736346600060,"tid":1,"users":[]}]}
            {"stream":"btcusd@trade","data":{"e":"trade","E":1,"s":"BTCUSD","t":1,"p":"2","q":"1","T":1736346600061,"m":true,"M":true}}
            """,
            "a.txt");

        Assert.Equal(["BTCUSD", "BTCUSD"], ticks.Select(tick => tick.Symbol));
    }

    [Fact]
    public void Second_spelling_in_a_topic_is_refused_by_a_reason_of_its_own()
    {
        Assert.True(TopicMapping.TryCreate(new TopicOptions(), "{symbol}", [], out var mapping));

        Assert.Equal(
            [TickRefusal.None, TickRefusal.AnotherSpelling, TickRefusal.None],
            new[] { "kPEPE", "KPEPE", "kPEPE" }.Select(symbol => mapping.Map(
                new TopicRecord(null, Encoding.UTF8.GetBytes($$"""{"symbol":"{{symbol}}","price":1,"timestamp":1723161255342}"""), null, 0),
                [])));
    }

    [Fact]
    public async Task Symbol_that_is_set_and_a_format_keep_their_case()
    {
        using var run = new ReplayRun();
        run.Producer.SymbolCase = SymbolCase.Keep;
        run.Producer.SymbolFormat = "{venue}:{symbol}";
        (run.Producer.Replay.Symbol, run.Producer.Replay.Venue) = ("kPEPE", "hyperliquid");

        var tick = Assert.Single(await run.ReadTextAsync("price,size,timestamp\n1,1,1736346600060\n", "a.csv"));

        Assert.Equal("hyperliquid:kPEPE", tick.Symbol);
    }

    [Fact]
    public async Task File_whose_name_has_another_spelling_than_the_setting_is_another_symbols()
    {
        using var run = new ReplayRun();
        run.Producer.SymbolCase = SymbolCase.Keep;
        run.Producer.Replay.Symbol = "kPEPE";
        run.Write("kPEPE-trades-2025-01-08.csv", "price,size,timestamp\n1,1,1736346600060\n");
        run.Write("KPEPE-trades-2025-01-09.csv", "price,size,timestamp\n2,1,1736346600060\n");

        Assert.Equal([1m], (await run.ReadAllAsync([run.Folder])).Select(tick => tick.Price));
        Assert.Contains(
            "its name says KPEPE, and Producer:Replay:Symbol is kPEPE", string.Join('\n', run.Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SymbolCase.Keep, "kPEPE KPEPE btcusdt")]
    [InlineData(SymbolCase.Upper, "KPEPE BTCUSDT")]
    public void Synthetic_symbols_are_those_that_were_asked_for(SymbolCase symbolCase, string symbols)
    {
        var options = new ProducerOptions { SymbolCase = symbolCase };
        foreach (string symbol in symbolCase == SymbolCase.Keep ? new[] { "kPEPE", "KPEPE", "btcusdt" } : ["kPEPE", "btcusdt"])
            options.Synthetic.Symbols.Add(symbol);

        Assert.Equal(symbols, string.Join(' ', SyntheticSymbol.All(options.Synthetic).Select(symbol => symbol.Name)));
        Assert.True(new ProducerOptionsRules().Validate(null, options).Succeeded);
        options.Synthetic.Symbols.Add(symbolCase == SymbolCase.Keep ? "KPEPE" : "Kpepe");
        Assert.Contains("is there twice", new ProducerOptionsRules().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SymbolCase.Keep, "kPEPE")]
    [InlineData(SymbolCase.Upper, "KPEPE")]
    public void Topic_is_mapped_to_symbols_in_their_case(SymbolCase symbolCase, string symbol)
    {
        var options = new ProducerOptions { SymbolCase = symbolCase };
        Assert.True(TopicMapping.TryCreate(options.Topic, options.SymbolFormat, [], out var mapping));
        var ticks = new List<Tick>();
        byte[] value = Encoding.UTF8.GetBytes("""{"symbol":"kPEPE","price":1,"timestamp":1723161255342}""");

        Assert.Equal(TickRefusal.None, mapping.Map(new TopicRecord(null, value, null, 0), ticks));

        Assert.Equal(symbol, Assert.Single(ticks).Symbol);
    }

    [Fact]
    public async Task Live_symbols_keep_the_venue_s_spelling_and_another_one_was_not_asked_for()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "hyperliquid", "kPEPE");
        run.Producer.SymbolCase = SymbolCase.Keep;
        run.Start();
        var connection = await venue.AcceptAsync();
        Assert.Contains("\"coin\":\"kPEPE\"", await connection.AskedAsync(), StringComparison.Ordinal);

        await connection.SendAsync(Capture.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal([("kPEPE", 1m), ("kPEPE", 3m)], (await run.TicksAsync(2)).Select(tick => (tick.Symbol, tick.Price)));
        Assert.Equal(1, run.Metrics.Live("unasked"));
    }

    [Fact]
    public async Task Live_symbols_of_a_venue_without_case_are_asked_for_as_usual_and_named_as_it_spells_them()
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "kraken", "aaplx/usd");
        run.Producer.SymbolCase = SymbolCase.Keep;
        run.Start();
        var connection = await venue.AcceptAsync();
        Assert.Contains("\"AAPLX/USD\"", await connection.AskedAsync(), StringComparison.Ordinal);

        await connection.SendAsync("""
            {"channel":"trade","type":"update","data":[{"symbol":"AAPLx/USD","side":"buy","price":1,"qty":1,"ord_type":"limit","trade_id":1,"timestamp":"2025-01-08T14:30:00.000000Z"}]}
            """);

        Assert.Equal("AAPLx/USD", Assert.Single(await run.TicksAsync(1)).Symbol);
    }

    [Theory]
    [InlineData("hyperliquid", SymbolCase.Keep, true)]
    [InlineData("hyperliquid", SymbolCase.Upper, false)]
    [InlineData("binance", SymbolCase.Keep, false)]
    public void Two_spellings_may_be_followed_live_where_case_counts_to_the_venue_and_here(string source, SymbolCase symbolCase, bool may)
    {
        var options = new ProducerOptions { Source = source, SymbolCase = symbolCase };
        options.Live.Symbols.Add("kPEPE");
        options.Live.Symbols.Add("KPEPE");

        Assert.Equal(may ? [] : ["Producer:Live:Symbols: 'kPEPE' is there twice."], LiveOptionsRules.Failures(options));
    }
}
