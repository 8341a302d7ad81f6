using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using Radar.Api.Http.Contract;
using Radar.Market;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

/// <summary>What the API answers from a state, written once; every server that Radar runs on gives the same.</summary>
public abstract partial class ReadsContractTests
{
    private readonly string _symbol = NewSymbol();

    private protected abstract ApiWorld World { get; }

    /// <summary>What is asked of Redis for a symbol's trades.</summary>
    private protected virtual string[] SpansOfTrades => ["LRANGE"];

    [ContractFact]
    public async Task Original_ticker_has_the_newest_trade_to_the_byte()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 61712.4m, Noon + 5), Tick(_symbol, 1, Noon)]);

        Assert.Equal(
            $$"""{"symbol":"{{_symbol}}","price":61712.4,"timestamp":1723204800005}""", await World.TextAsync($"/api/v1/ticker/{_symbol}"));
    }

    [ContractFact]
    public async Task Original_history_has_the_newest_60_in_time_order_to_the_byte()
    {
        // In the topic the times run backwards, and two trades share each time.
        await World.TakeInAsync(0, [.. Enumerable.Range(0, 100).Select(i => Tick(_symbol, 1000 + i, Noon + ((99 - i) / 2)))]);
        var newest = Enumerable.Range(0, 100).OrderBy(i => (Noon + ((99 - i) / 2), i)).TakeLast(60);
        string history = string.Join(",", newest.Select(i => $$"""{"p":{{1000 + i}},"t":{{Noon + ((99 - i) / 2)}}}"""));

        Assert.Equal($$"""{"symbol":"{{_symbol}}","history":[{{history}}]}""", await World.TextAsync($"/api/v1/history/{_symbol}"));
    }

    [ContractFact]
    public async Task Original_routes_ignore_query_strings()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);

        Assert.Contains("price", await World.TextAsync($"/api/v1/ticker/{_symbol}?whatever=1&symbol=x"), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Ticker_is_the_newest_trade_with_meta()
    {
        long position = await World.TakeInAsync(1, [new Tick(_symbol, 2.5m, Noon + 1, 0.1m, new TradeId("a\"b"), Side.Sell, "kraken")]);

        string text = await World.TextAsync($"/api/v2/tickers/{_symbol}");

        Assert.StartsWith(
            $$"""{"symbol":"{{_symbol}}","t":"2024-08-09T12:00:00.001Z","p":2.5,"s":0.1"""
                + $$""","i":"a\u0022b","side":"sell","venue":"kraken","meta":{"version":"1-1-"""
                + $$"""{{position}}","event_time":"2024-08-09T12:00:00.001Z","age_ms":""",
            text,
            StringComparison.Ordinal);
        var ticker = await World.ReadAsync<TickerAnswer>($"/api/v2/tickers/{_symbol}");
        long age = (long)(TimeProvider.System.GetUtcNow() - ticker.T).TotalMilliseconds;
        Assert.InRange(ticker.Meta.AgeMs!.Value, age - 60_000, age);
    }

    [ContractFact]
    public async Task Ticker_of_a_plain_event_has_null_for_what_is_not_known()
    {
        await World.TakeInAsync(1, [new Tick(_symbol, 2.5m, Noon)]);

        var ticker = await World.ReadAsync<TickerAnswer>($"/api/v2/tickers/{_symbol}");

        Assert.Equal((0m, null, null), (ticker.S, ticker.Side, ticker.Venue));
        Assert.Null(ticker.I);
    }

    [ContractTheory]
    [InlineData("/")]
    [InlineData(":")]
    [InlineData("-")]
    [InlineData("._")]
    public async Task Symbol_is_found_in_any_case_however_its_characters_are_written(string middle)
    {
        string symbol = $"{_symbol}{middle}USD";
        await World.TakeInAsync(2, [Tick(symbol, 7)]);

        foreach (string route in new[] { "/api/v1/ticker/", "/api/v1/history/", "/api/v2/tickers/", "/api/v2/trades/", "/api/v2/bars/" })
        {
            string plain = await World.TextAsync(route + symbol);
            Assert.StartsWith($$"""{"symbol":"{{symbol}}",""", plain, StringComparison.Ordinal);
            foreach (string written in new[] { Uri.EscapeDataString(symbol), Uri.EscapeDataString(symbol).ToLowerInvariant(),
                symbol.ToLowerInvariant() })
                Assert.StartsWith($$"""{"symbol":"{{symbol}}",""", await World.TextAsync(route + written), StringComparison.Ordinal);
        }
    }

    [ContractTheory]
    [InlineData("/api/v1/ticker/")]
    [InlineData("/api/v1/history/")]
    [InlineData("/api/v2/tickers/")]
    [InlineData("/api/v2/trades/")]
    [InlineData("/api/v2/bars/")]
    public async Task Symbols_that_are_unknown_or_none_are_problems(string route)
    {
        var unknown = await World.ProblemAsync(route + "nobody", HttpStatusCode.NotFound);
        Assert.Equal("symbol", (string?)unknown["parameter"]);
        Assert.Contains("NOBODY is unknown", (string?)unknown["detail"], StringComparison.Ordinal);
        foreach (string wrong in new[] { "A%20B", "A*", "%E2%80%A6", new string('A', 65), "A%252FB%25" })
            Assert.Equal("symbol", (string?)(await World.ProblemAsync(route + wrong, HttpStatusCode.BadRequest))["parameter"]);
        if (route != "/api/v2/tickers/") // which is the list
            Assert.Null((await World.ProblemAsync(route, HttpStatusCode.NotFound))["parameter"]);
    }

    [ContractFact]
    public async Task Trades_are_in_the_topics_order_between_inclusive_times()
    {
        await World.TakeInAsync(
            0, [Tick(_symbol, 1, Noon), Tick(_symbol, 2, Noon + 2), Tick(_symbol, 3, Noon + 1), Tick(_symbol, 4, Noon + 3)]);

        Assert.Equal([1, 2, 3, 4], await PricesAsync(""));
        Assert.Equal([4, 3, 2, 1], await PricesAsync("?sort=desc"));
        Assert.Equal([2, 3], await PricesAsync($"?start={Noon + 1}&end={Noon + 2}"));
        Assert.Equal([2, 3], await PricesAsync("?start=2024-08-09T12:00:00.001Z&end=2024-08-09T14:00:00.002%2B02:00"));
        Assert.Equal([3], await PricesAsync($"?start={Noon + 1}&end={Noon + 1}&sort=DESC"));
        Assert.Equal([1], await PricesAsync($"?end={Noon}"));
        Assert.Empty(await PricesAsync($"?start={Noon + 4}"));
        Assert.Equal([1, 2, 3, 4], await PricesAsync("?start=2024-08-09&end=253402300799999"));

        async Task<decimal[]> PricesAsync(string query) =>
            [.. (await World.ReadAsync<TradesAnswer>($"/api/v2/trades/{_symbol}{query}")).Trades.Select(trade => trade.P)];
    }

    [ContractFact]
    public async Task Bars_are_served_in_every_timeframe_by_name_and_alias()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 10, Noon), Tick(_symbol, 12, Noon + 59_999, 3), Tick(_symbol, 9, Noon + 60_000)]);

        Assert.StartsWith(
            $$"""{"symbol":"{{_symbol}}","bars":[{"t":"2024-08-09T12:00:00.000Z","o":10,"h":12,"l":10,"c":12,"v":4,"n":2,"vw":11.5}"""
                + $$""",{"t":"2024-08-09T12:01:00.000Z","o":9,"h":9,"l":9,"c":9,"v":1,"n":1,"vw":9}],"next_page_token":null,"meta":{""",
            await World.TextAsync($"/api/v2/bars/{_symbol}"),
            StringComparison.Ordinal);
        foreach (Timeframe timeframe in Timeframe.All.Skip(1))
        {
            foreach (string name in new[] { timeframe.Name, timeframe.Aliases[0], timeframe.Name.ToUpperInvariant() })
            {
                var bar = Assert.Single((await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?timeframe={name}")).Bars);
                Assert.Equal((10m, 12m, 9m, 9m, 5m, 3L), (bar.O, bar.H, bar.L, bar.C, bar.V, bar.N));
                Assert.Equal(timeframe.OpenTime(Noon), bar.T.ToUnixTimeMilliseconds());
            }
        }

        Assert.Equal(12, Assert.Single(
            (await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?start={Noon}&end={Noon + 59_999}")).Bars).C);
        Assert.Equal(9, Assert.Single((await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?start={Noon + 1}")).Bars).C);
    }

    [ContractTheory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=10001", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("start=yesterday", "start")]
    [InlineData("start=1-2-3", "start")]
    [InlineData("start=-1", "start")]
    [InlineData("start=1e12", "start")]
    [InlineData("start=2024-13-01", "start")]
    [InlineData("start=2024-08-08T23:54:15+02:00", "start")]
    [InlineData("end=99999999999999999999", "end")]
    [InlineData("end=", "end")]
    [InlineData("start=2&end=1", "start")]
    [InlineData("sort=up", "sort")]
    [InlineData("sort=", "sort")]
    [InlineData("page_token=", "page_token")]
    [InlineData("page_token=zzz", "page_token")]
    [InlineData("page_token=AwADAAAAAAAAEmefhtCB1ZuY410NDJc", "page_token")]
    [InlineData("max_staleness_ms=-1", "max_staleness_ms")]
    [InlineData("max_staleness_ms=soon", "max_staleness_ms")]
    [InlineData("strat=1", "strat")]
    public async Task Wrong_parameter_is_named(string query, string parameter)
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);

        foreach (string route in new[] { "trades", "bars" })
        {
            var problem = await World.ProblemAsync($"/api/v2/{route}/{_symbol}?{query}", HttpStatusCode.BadRequest);
            Assert.Equal(parameter, (string?)problem["parameter"]);
            Assert.Contains(parameter, (string?)problem["detail"], StringComparison.Ordinal);
        }
    }

    [ContractTheory]
    [InlineData("bars", "timeframe=2Min", "timeframe")]
    [InlineData("trades", "timeframe=1Min", "timeframe")]
    [InlineData("tickers", "limit=1", "limit")]
    public async Task Parameter_of_another_route_is_named(string route, string query, string parameter)
    {
        var problem = await World.ProblemAsync($"/api/v2/{route}/{_symbol}?{query}", HttpStatusCode.BadRequest);

        Assert.Equal(parameter, (string?)problem["parameter"]);
    }

    [ContractTheory]
    [InlineData("limit=1")]
    [InlineData("limit=10000")]
    [InlineData("LIMIT=5")]
    [InlineData("start=0&end=0")]
    [InlineData("max_staleness_ms=253402300799999")]
    public async Task Parameter_at_its_bounds_is_accepted(string query)
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);
        await World.UntilAsync($"/api/v2/tickers/{_symbol}", answer => answer["meta"]!["lag_ms"] is not null);

        await World.TextAsync($"/api/v2/trades/{_symbol}?{query}");
        await World.TextAsync($"/api/v2/bars/{_symbol}?{query}");
    }

    [ContractFact]
    public async Task Symbol_in_two_partitions_is_served_where_it_traded_last_and_health_names_both()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1, Noon)]);
        await World.TakeInAsync(2, [Tick(_symbol, 2, Noon + 1)]);
        var newest = await World.ReadAsync<TickerAnswer>($"/api/v2/tickers/{_symbol}");
        Assert.Equal(2, newest.P);
        Assert.StartsWith("1-2-", newest.Meta.Version, StringComparison.Ordinal);

        await World.TakeInAsync(0, [Tick(_symbol, 3, Noon + 2)]);
        Assert.Equal(3, (await World.ReadAsync<TickerAnswer>($"/api/v2/tickers/{_symbol}")).P);
        Assert.Equal([1m, 3m], (await World.ReadAsync<TradesAnswer>($"/api/v2/trades/{_symbol}")).Trades.Select(trade => trade.P));

        var health = await World.JsonAsync("/health");
        Assert.Equal("Degraded", (string?)health["status"]);
        Assert.Contains(
            $"{_symbol} in partitions 0 and 2", (string?)health["checks"]!["symbols"]!["description"], StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Record_that_another_program_spoilt_is_a_problem_that_names_what_is_damaged()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);
        var key = new Radar.Market.Store.RedisKeys("1", 0).Trades(_symbol);
        await World.Redis.ListRightPushAsync(key, "spoilt");

        var problem = await World.ProblemAsync($"/api/v2/trades/{_symbol}", HttpStatusCode.ServiceUnavailable);

        Assert.StartsWith("Partition 0: the trades of a symbol are damaged", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("spoilt", problem.ToString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Unknown_route_and_wrong_method_are_problems_whatever_the_client_accepts()
    {
        using var browser = new HttpRequestMessage(HttpMethod.Get, "/nothing/here");
        browser.Headers.Accept.ParseAdd("text/html");
        using var nothing = await World.Http.SendAsync(browser);
        await ProblemAsync(nothing, HttpStatusCode.NotFound);
        using var posted = await World.Http.PostAsync($"/api/v2/tickers/{_symbol}", null);
        await ProblemAsync(posted, HttpStatusCode.MethodNotAllowed);
        Assert.Equal(["GET", "HEAD"], posted.Content.Headers.Allow.Order());
    }
}
