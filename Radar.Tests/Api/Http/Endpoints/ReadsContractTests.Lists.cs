using System.Net;
using Radar.Api.Http.Contract;
using Radar.Market;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

public abstract partial class ReadsContractTests
{
    private const long DayMs = 86_400_000;

    /// <summary>Lists, as they are asked for one symbol.</summary>
    private static readonly string[] Lists = ["/api/v2/symbols?prefix=", "/api/v2/tickers?symbols=", "/api/v2/snapshots?symbols="];

    [ContractFact]
    public async Task Symbols_are_listed_in_ordinal_order_by_prefix_in_any_case()
    {
        await World.TakeInAsync(1, [Tick($"{_symbol}-B", 1, Noon + 5), Tick($"{_symbol}-A", 1), Tick($"{_symbol}-A:1", 1)]);
        await World.TakeInAsync(0, [Tick($"{_symbol}-A/USD", 1), Tick($"{_symbol}.A", 1)]);
        string[] expected = [$"{_symbol}-A", $"{_symbol}-A/USD", $"{_symbol}-A:1", $"{_symbol}-B"];

        var listed = await World.ReadAsync<SymbolsAnswer>($"/api/v2/symbols?prefix={_symbol.ToLowerInvariant()}-");

        Assert.Equal(expected, listed.Symbols);
        Assert.Null(listed.NextPageToken);
        Assert.Equal(Noon + 5, listed.Meta.EventTime!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(expected[..3], (await World.ReadAsync<SymbolsAnswer>($"/api/v2/symbols?prefix={_symbol}-A")).Symbols);
        Assert.Equal(expected[1], Assert.Single((await World.ReadAsync<SymbolsAnswer>($"/api/v2/symbols?prefix={_symbol}-a%2F")).Symbols));
        var all = (await World.ReadAsync<SymbolsAnswer>("/api/v2/symbols?limit=10000")).Symbols;
        Assert.Equal(all.Order(StringComparer.Ordinal), all);
        Assert.Empty(expected.Except(all));
    }

    [ContractFact]
    public async Task List_without_items_has_no_event_time()
    {
        foreach (string path in Lists)
        {
            string text = await World.TextAsync(path + "NOBODY");
            Assert.Contains(":[],", text, StringComparison.Ordinal);
            Assert.Contains("\"event_time\":null,\"age_ms\":null,", text, StringComparison.Ordinal);
        }
    }

    [ContractFact]
    public async Task Tickers_of_several_symbols_are_the_stored_ones_by_symbol_without_the_unknown()
    {
        await World.TakeInAsync(1, [Tick($"{_symbol}B", 2.5m, Noon + 9, 0.1m, 7), new Tick($"{_symbol}A", 1, Noon)]);
        await World.TakeInAsync(0, [Tick($"{_symbol}C", 3, Noon + 3)]);

        string text = await World.TextAsync($"/api/v2/tickers?symbols={_symbol}c,{_symbol}B,nobody,{_symbol}a,{_symbol}A");

        Assert.StartsWith(
            $$"""{"tickers":[{"symbol":"{{_symbol}}A","t":"2024-08-09T12:00:00.000Z","p":1,"s":0,"i":null,"side":null,"venue":null}"""
                + $$""",{"symbol":"{{_symbol}}B","t":"2024-08-09T12:00:00.009Z","p":2.5,"s":0.1,"i":7,"side":"buy","venue":"test"}"""
                + $$""",{"symbol":"{{_symbol}}C","t":"2024-08-09T12:00:00.003Z","p":3,"s":1,"i":0,"side":"buy","venue":"test"}]"""
                + $$""","next_page_token":null,"meta":{"version":"1-""",
            text,
            StringComparison.Ordinal);
        Assert.Contains("\"event_time\":\"2024-08-09T12:00:00.009Z\"", text, StringComparison.Ordinal);
    }

    [ContractTheory]
    [InlineData("symbols", 1)]
    [InlineData("symbols", 7)]
    [InlineData("tickers", 1)]
    [InlineData("tickers", 7)]
    public async Task Pages_of_symbols_stay_in_place_while_new_ones_arrive(string route, int limit)
    {
        string[] known = [.. Enumerable.Range(10, 20).Select(i => $"{_symbol}-{i}")];
        foreach (var part in known.Select((symbol, i) => (symbol, i)).GroupBy(entry => entry.i % 3))
            await World.TakeInAsync(part.Key, [.. part.Select(entry => Tick(entry.symbol, 1))]);
        string path = route == "symbols" ? $"/api/v2/symbols?prefix={_symbol}-&limit={limit}"
            : $"/api/v2/tickers?symbols={string.Join(',', known)},{_symbol}-0,{_symbol}-999&limit={limit}";
        var seen = new List<string>();
        string? token = null;
        do
        {
            string page = path + (token is null ? "" : "&page_token=" + token);
            if (route == "symbols")
            {
                var answer = await World.ReadAsync<SymbolsAnswer>(page);
                seen.AddRange(answer.Symbols);
                token = answer.NextPageToken;
            }
            else
            {
                var answer = await World.ReadAsync<TickersAnswer>(page);
                seen.AddRange(answer.Tickers.Select(ticker => ticker.Symbol));
                token = answer.NextPageToken;
            }

            Assert.InRange(seen.Count, token is null ? 0 : limit, 30); // or it would never end
            Assert.Equal(token is null, seen.Count >= 21);
            await World.TakeInAsync(0, [Tick($"{_symbol}-0", 1), Tick($"{_symbol}-999", 1)]); // before and behind every page
        }
        while (token is not null);

        Assert.Equal([.. known, $"{_symbol}-999"], seen);
    }

    [ContractFact]
    public async Task Page_token_of_another_list_is_refused()
    {
        await World.TakeInAsync(0, [Tick($"{_symbol}A", 1), Tick($"{_symbol}B", 1), Tick($"{_symbol}C", 1)]);
        string symbols = $"/api/v2/symbols?prefix={_symbol}&limit=1", tickers = $"/api/v2/tickers?symbols={_symbol}A,{_symbol}B&limit=1";
        string token = (string)(await World.JsonAsync(symbols))["next_page_token"]!;
        string other = (string)(await World.JsonAsync(tickers))["next_page_token"]!;

        // Another limit and another spelling of the same are the same query.
        await World.TextAsync($"/api/v2/symbols?prefix={_symbol.ToLowerInvariant()}&limit=2&page_token={token}");
        await World.TextAsync($"/api/v2/tickers?symbols={_symbol}b,{_symbol}A,{_symbol}A&page_token={other}");

        string[] wrong =
        [
            .. new[] { other, token[..^1], token + "A", "=", "AA", new string('A', 56), new string('A', 57) }.Select(
                text => $"{symbols}&page_token={text}"),
            $"/api/v2/symbols?limit=1&page_token={token}", $"{tickers}&page_token={token}", $"/api/v2/tickers?page_token={other}",
            $"/api/v2/tickers?symbols={_symbol}A&page_token={other}", $"{tickers}&as_of={Noon}&page_token={other}",
            .. Enumerable.Range(0, token.Length - 1)
                .Select(i => $"{symbols}&page_token={token[..i]}{(token[i] == 'A' ? 'B' : 'A')}{token[(i + 1)..]}"),
        ];
        foreach (string path in wrong)
            Assert.Equal("page_token", (string?)(await World.ProblemAsync(path, HttpStatusCode.BadRequest))["parameter"]);
    }

    [ContractFact]
    public async Task Snapshots_have_the_newest_trade_its_bars_and_the_day_before()
    {
        await World.TakeInAsync(
            2, [Tick($"{_symbol}A", 8, Noon - (2 * DayMs)), Tick($"{_symbol}A", 10, Noon), Tick($"{_symbol}A", 12, Noon + 60_000, 3)]);
        await World.TakeInAsync(0, [Tick($"{_symbol}B", 5, Noon, id: 9)]);

        string text = await World.TextAsync($"/api/v2/snapshots?symbols={_symbol}B,{_symbol}A,NOBODY");

        Assert.StartsWith(
            $$$"""{"snapshots":[{"symbol":"{{{_symbol}}}A","latest_trade":{"t":"2024-08-09T12:01:00.000Z","p":12,"s":3,"i":0"""
                + $$$""","side":"buy","venue":"test"},"minute_bar":{"t":"2024-08-09T12:01:00.000Z","o":12,"h":12,"l":12,"c":12,"v":3"""
                + $$$""","n":1,"vw":12},"daily_bar":{"t":"2024-08-09T00:00:00.000Z","o":10,"h":12,"l":10,"c":12,"v":4,"n":2,"vw":11.5}"""
                + $$$""","previous_daily_bar":{"t":"2024-08-07T00:00:00.000Z","o":8,"h":8,"l":8,"c":8,"v":1,"n":1,"vw":8}}"""
                + $$$""",{"symbol":"{{{_symbol}}}B","latest_trade":{"t":"2024-08-09T12:00:00.000Z","p":5,"s":1,"i":9"""
                + $$$""","side":"buy","venue":"test"},"minute_bar":{"t":"2024-08-09T12:00:00.000Z","o":5,"h":5,"l":5,"c":5,"v":1,"n":1"""
                + $$$""","vw":5},"daily_bar":{"t":"2024-08-09T00:00:00.000Z","o":5,"h":5,"l":5,"c":5,"v":1,"n":1,"vw":5}"""
                + $$$""","previous_daily_bar":null}],"meta":{""",
            text,
            StringComparison.Ordinal);
        var answer = await World.ReadAsync<SnapshotsAnswer>($"/api/v2/snapshots?symbols={_symbol}A");
        Assert.Equal(Noon + 60_000, answer.Meta.EventTime!.Value.ToUnixTimeMilliseconds());
    }

    [ContractFact]
    public async Task Movers_are_those_that_moved_furthest_each_way_equals_by_symbol()
    {
        // Other tests' symbols move less.
        var moves = new (string Name, decimal Before, decimal Now)[]
        {
            ("UP", 1, 100_000), ("MOST", 1, 900_000), ("EQUAL", 2, 200_000), ("DOWN", 100_000, 1), ("LESS", 100_000, 2), ("FLAT", 7, 7),
        };
        foreach (var (name, before, now) in moves)
            await World.TakeInAsync(
                name.Length % 3, [Tick($"{_symbol}{name}", before, Noon - DayMs), Tick($"{_symbol}{name}", now, Noon + 1)]);
        await World.TakeInAsync(0, [Tick($"{_symbol}NEW", 1_000_000)]);

        var movers = await World.ReadAsync<MoversAnswer>("/api/v2/movers?top=50");

        Assert.Equal([_symbol + "MOST", _symbol + "EQUAL", _symbol + "UP"], movers.Gainers.Take(3).Select(mover => mover.Symbol));
        Assert.Equal([_symbol + "DOWN", _symbol + "LESS"], movers.Losers.Take(2).Select(mover => mover.Symbol));
        Assert.DoesNotContain(
            movers.Gainers.Concat(movers.Losers), mover => mover.Symbol == _symbol + "FLAT" || mover.Symbol == _symbol + "NEW");
        Assert.True(movers.Gainers.All(mover => mover.ChangePercent > 0) && movers.Losers.All(mover => mover.ChangePercent < 0));
        Assert.Equal((100_000m, 1m, 99_999m, 9_999_900m, Noon + 1), Figures(movers.Gainers[2]));
        Assert.Equal((1m, 100_000m, -99_999m, -99.999m, Noon + 1), Figures(movers.Losers[0]));
        var two = await World.ReadAsync<MoversAnswer>("/api/v2/movers?top=2");
        Assert.Equal([_symbol + "MOST", _symbol + "EQUAL"], two.Gainers.Select(mover => mover.Symbol));
        Assert.Equal([_symbol + "DOWN", _symbol + "LESS"], two.Losers.Select(mover => mover.Symbol));

        static (decimal, decimal?, decimal, decimal, long) Figures(MoverItem mover) =>
            (mover.P, mover.PreviousClose, mover.Change, mover.ChangePercent, mover.T.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Mover_on_its_first_day_moves_from_the_open_and_says_so()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 2000, Noon), Tick(_symbol, 4, Noon - 1)]);

        var movers = await World.ReadAsync<MoversAnswer>("/api/v2/movers?top=50");

        var first = Assert.Single(movers.Gainers, mover => mover.Symbol == _symbol);
        Assert.Equal((2000m, null, "open", 1996m, 49_900m), (first.P, first.PreviousClose, first.Since, first.Change, first.ChangePercent));
    }

    [ContractFact]
    public async Task Symbol_in_two_partitions_is_listed_once_where_it_traded_last()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1, Noon)]);
        await World.TakeInAsync(2, [Tick(_symbol, 2, Noon + 1)]);

        Assert.Equal(2, Assert.Single((await World.ReadAsync<TickersAnswer>($"/api/v2/tickers?symbols={_symbol}")).Tickers).P);
        Assert.Equal(2, Assert.Single((await World.ReadAsync<SnapshotsAnswer>($"/api/v2/snapshots?symbols={_symbol}")).Snapshots)
            .LatestTrade.P);
        await World.TakeInAsync(0, [Tick(_symbol, 3, Noon + 2)]);
        Assert.Equal(3, Assert.Single((await World.ReadAsync<TickersAnswer>($"/api/v2/tickers?symbols={_symbol}")).Tickers).P);
        Assert.Equal(3, Assert.Single((await World.ReadAsync<SnapshotsAnswer>($"/api/v2/snapshots?symbols={_symbol}")).Snapshots)
            .LatestTrade.P);
        Assert.Single((await World.ReadAsync<SymbolsAnswer>("/api/v2/symbols?limit=10000")).Symbols, _symbol);
    }

    [ContractTheory]
    [InlineData("symbols?prefix=", "prefix")]
    [InlineData("symbols?prefix=a%20b", "prefix")]
    [InlineData("symbols?prefix=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddaaaaaaaaaabbbbbbbbbbccccc", "prefix")]
    [InlineData("symbols?limit=0", "limit")]
    [InlineData("symbols?limit=10001", "limit")]
    [InlineData("symbols?symbols=A", "symbols")]
    [InlineData("symbols?as_of=1", "as_of")]
    [InlineData("symbols?max_staleness_ms=x", "max_staleness_ms")]
    [InlineData("tickers?symbols=", "symbols")]
    [InlineData("tickers?symbols=A,,B", "symbols")]
    [InlineData("tickers?symbols=A,B*", "symbols")]
    [InlineData("tickers?symbols=*", "symbols")]
    [InlineData("tickers?symbols=A&symbols=B", "symbols")]
    [InlineData("tickers?limit=10001", "limit")]
    [InlineData("tickers?sort=asc", "sort")]
    [InlineData("tickers?as_of=1723204800000", "as_of")]
    [InlineData("tickers?symbols=A&as_of=soon", "as_of")]
    [InlineData("tickers?page_token=zzz", "page_token")]
    [InlineData("tickers?max_staleness_ms=-1", "max_staleness_ms")]
    [InlineData("snapshots", "symbols")]
    [InlineData("snapshots?symbols=A%20", "symbols")]
    [InlineData("snapshots?symbols=A&limit=1", "limit")]
    [InlineData("snapshots?symbols=A&as_of=", "as_of")]
    [InlineData("snapshots?symbols=A&max_staleness_ms=x", "max_staleness_ms")]
    [InlineData("movers?top=0", "top")]
    [InlineData("movers?top=51", "top")]
    [InlineData("movers?limit=1", "limit")]
    [InlineData("movers?max_staleness_ms=x", "max_staleness_ms")]
    public async Task Wrong_parameter_of_a_list_is_named(string asked, string parameter)
    {
        var problem = await World.ProblemAsync("/api/v2/" + asked, HttpStatusCode.BadRequest);

        Assert.Equal(parameter, (string?)problem["parameter"]);
        Assert.Contains(parameter, (string?)problem["detail"], StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Symbols_of_a_list_may_be_100_and_no_more()
    {
        // The longest ones, too: the request line has room for them.
        string[] symbols = [.. Enumerable.Range(0, 101).Select(i => $"{_symbol}/".PadRight(29, 'X') + i.ToString("D3", null))];
        await World.TakeInAsync(0, [.. symbols.Select(symbol => Tick(symbol, 1))]);

        foreach (string route in new[] { "tickers", "snapshots" })
        {
            string hundred = Uri.EscapeDataString(string.Join(',', symbols[1..]));
            Assert.Equal(100, (await World.JsonAsync($"/api/v2/{route}?symbols={hundred}"))[route]!.AsArray().Count);
            Assert.Equal(100, (await World.JsonAsync(
                $"/api/v2/{route}?symbols={hundred},{Uri.EscapeDataString(symbols[1])}"))[route]!.AsArray().Count);
            var problem = await World.ProblemAsync(
                $"/api/v2/{route}?symbols={hundred},{Uri.EscapeDataString(symbols[0])}", HttpStatusCode.BadRequest);
            Assert.Equal(("symbols", "symbols has more than 100 symbols."), ((string?)problem["parameter"], (string?)problem["detail"]));
        }
    }
}
