using Radar.Market;
using Radar.Producer;
using Radar.Producer.Look;
using Radar.Tests.Fixtures;
using Radar.Tests.Producer.Live;
using Radar.Tests.Producer.Replay;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer;

/// <summary>Text of files and venues reaches logs escaped, and of their content nothing but names does.</summary>
public sealed class HostileTextTests
{
    private const string Content = "pa55word";

    [Fact]
    public async Task Names_of_files_columns_and_symbols_are_escaped_and_values_are_not_logged()
    {
        using var run = new ReplayRun();
        string[] paths =
        [
            run.Write(
                $"{HostileText.OfOneLine}.csv",
                $"symbol,time,price,{HostileText.OfOneLine}\nA,{Content},1,{Content}\nA,1709251200000,1,\n"),
            run.Write("sides.csv", $"symbol,time,price,side,venue\nA,1709251200000,{Content},buy,\nA,1709251200001,1,{Content},\n"
                + "A,1709251200002,1,buy,x\u001b[31m\nA,1709251200003,1,buy,y\u202e\n"),
            run.Write("a.csv", $"symbol,time,price\n\u001b[31m{HostileText.OfOneLine},1709251200000,1\nA,1709251200000,1\n"),
            run.Write(
                "a.jsonl",
                $$"""{"{{HostileText.Json}}":"{{Content}}"}""" + "\n" + $$"""{"type":"{{HostileText.Json}}","x":"{{Content}}"}"""),
        ];
        string folder = Path.GetDirectoryName(paths[0])!;

        var ticks = await run.ReadAllAsync([folder]);
        var lines = run.Log.Lines;
        using var output = new StringWriter();
        LookCommand.Run([folder], output);

        Assert.NotEmpty(ticks);
        Assert.Contains(lines, line => line.Contains(@"bad\u001b[31mred", StringComparison.Ordinal));
        Assert.All(lines, HostileText.AssertHarmless);
        Assert.All(output.ToString().Split(Environment.NewLine), HostileText.AssertHarmless);
        Assert.DoesNotContain(lines, line => line.Contains(Content, StringComparison.Ordinal));
        Assert.DoesNotContain(Content, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"error","message":"TEXT","reason":"TEXT"}""")]
    [InlineData("""{"type":"subscriptions","channels":[]}|{"type":"TEXT","price":"pa55word"}""")]
    [InlineData("""{"type":"subscriptions","channels":[]}|{"TEXT":1,"price":"pa55word"}""")]
    [InlineData("""{"type":"match","trade_id":1,"product_id":"TEXT","price":"1","size":"1","time":"2024-08-09T12:00:00Z","side":"buy"}""")]
    [InlineData("pa55word TEXT")]
    public async Task Messages_of_a_venue_are_escaped_and_only_their_names_are_logged(string messages)
    {
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(venue, "coinbase", "A-USD").Start();
        var connection = await venue.AcceptAsync();
        await connection.ReceiveAsync();

        await connection.SendAsync(messages.Replace("TEXT", HostileText.Json, StringComparison.Ordinal).Split('|'));
        await run.UntilAsync(() => run.Log.Lines.Any(line => !line.Contains("connected", StringComparison.Ordinal)), () => "a line");
        await run.Stop.CancelAsync();

        Assert.All(run.Log.Lines, HostileText.AssertHarmless);
        Assert.DoesNotContain(Content, run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_of_a_venue_by_HTTP_is_escaped()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult(
            (200, $$"""[{"id":"{{HostileText.Json}}","price":"{{Content}}","qty":"1","time":1,"isBuyerMaker":true}]"""));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(3));
        await run.UntilLoggedAsync("missed for good");

        Assert.All(run.Log.Lines, HostileText.AssertHarmless);
        Assert.DoesNotContain(Content, run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public void Venues_that_meet_under_one_symbol_are_escaped()
    {
        var log = new LinesLogger<SymbolVenues>();
        var venues = new SymbolVenues(log);
        foreach (string venue in new[] { "first" + HostileText.Text, "second" + HostileText.Text })
            venues.Look(new Tick("A", 1, 1, Venue: venue));

        HostileText.AssertHarmless(Assert.Single(log.Lines));
        HostileText.AssertHarmless(venues.Notice!);
    }
}
