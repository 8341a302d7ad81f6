using System.Globalization;
using System.Net;
using CsCheck;
using Radar.Api.Http.Contract;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

public abstract partial class ReadsContractTests
{
    [ContractTheory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Pages_of_trades_stay_in_place_while_new_ones_arrive(string sort)
    {
        await World.TakeInAsync(0, [.. Enumerable.Range(0, 25).Select(i => Tick(_symbol, 1 + i, Noon + (i % 7)))]);
        var seen = new List<decimal>();
        string? token = null;
        int arrived = 25;
        do
        {
            var page = await World.ReadAsync<TradesAnswer>(
                $"/api/v2/trades/{_symbol}?limit=4&sort={sort}" + (token is null ? "" : "&page_token=" + token));
            seen.AddRange(page.Trades.Select(trade => trade.P));
            Assert.InRange(seen.Count, 0, 100); // or it would never end
            token = page.NextPageToken;
            if (arrived < 30)
                await World.TakeInAsync(0, [Tick(_symbol, 1 + arrived++)]);
        }
        while (token is not null);

        var expected = Enumerable.Range(1, sort == "asc" ? 30 : 25).Select(i => (decimal)i);
        Assert.Equal(sort == "asc" ? expected : expected.Reverse(), seen);
    }

    [ContractFact]
    public async Task Pages_follow_the_partition_they_began_in()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1), Tick(_symbol, 2)]);
        var first = await World.ReadAsync<TradesAnswer>($"/api/v2/trades/{_symbol}?limit=1");
        await World.TakeInAsync(1, [Tick(_symbol, 9, Noon + 1)]);

        var second = await World.ReadAsync<TradesAnswer>($"/api/v2/trades/{_symbol}?limit=1&page_token={first.NextPageToken}");

        Assert.Equal(2, Assert.Single(second.Trades).P);
        Assert.Null(second.NextPageToken);
    }

    [ContractTheory]
    [InlineData("trades", "limit=2", "sort=desc")]
    [InlineData("trades", "limit=2", "start=1")]
    [InlineData("trades", "limit=2&end=1723206000000", "")]
    [InlineData("bars", "limit=2", "timeframe=5Min")]
    [InlineData("bars", "limit=2&sort=desc", "")]
    public async Task Page_token_of_another_query_is_refused(string route, string query, string otherQuery)
    {
        await World.TakeInAsync(0, [.. Enumerable.Range(0, 5).Select(i => Tick(_symbol, 1, Noon + (i * 60_000)))]);
        string other = NewSymbol();
        await World.TakeInAsync(0, [Tick(other, 1)]);
        string token = (string)(await World.JsonAsync($"/api/v2/{route}/{_symbol}?{query}"))["next_page_token"]!;

        // As it came, it works, also with another limit and for any spelling of the same query.
        await World.TextAsync($"/api/v2/{route}/{_symbol.ToLowerInvariant()}?{query}&page_token={token}");
        await World.TextAsync(
            $"/api/v2/{route}/{_symbol}?{query.Replace("limit=2", "limit=3", StringComparison.Ordinal)}&page_token={token}");

        await RefusedAsync($"/api/v2/{route}/{_symbol}?{otherQuery}&page_token={token}");
        await RefusedAsync($"/api/v2/{route}/{other}?{query}&page_token={token}");
        await RefusedAsync($"/api/v2/{(route == "bars" ? "trades" : "bars")}/{_symbol}?{query}&page_token={token}");
        for (int i = 0; i < token.Length - 1; i++)
        {
            string mistyped = $"{token[..i]}{(token[i] == 'A' ? 'B' : 'A')}{token[(i + 1)..]}";
            await RefusedAsync($"/api/v2/{route}/{_symbol}?{query}&page_token={mistyped}");
        }

        await RefusedAsync($"/api/v2/{route}/{_symbol}?{query}&page_token={token}A");
        await RefusedAsync($"/api/v2/{route}/{_symbol}?{query}&page_token={token[..^1]}");

        async Task RefusedAsync(string path) =>
            Assert.Equal("page_token", (string?)(await World.ProblemAsync(path, HttpStatusCode.BadRequest))["parameter"]);
    }

    [ContractFact]
    public async Task Pages_cover_everything_that_was_asked_for_exactly_once_in_order()
    {
        var world = World;
        string[] timeframes = ["1Min", "5m"];
        var query =
            from minutes in Gen.Int[0, 40].Array[1, 30]
            from limit in Gen.Int[1, 12]
            from newestFirst in Gen.Bool
            from start in Gen.Int[-1, 40]
            from length in Gen.Int[0, 60]
            from timeframe in Gen.Int[0, 1]
            select (minutes, limit, newestFirst, start, length, timeframe);

        await query.SampleAsync(
            async sample =>
            {
                string symbol = NewSymbol();
                var (minutes, limit, newestFirst, start, length, timeframe) = sample;
                await world.TakeInAsync(0, [.. minutes.Select((minute, i) => Tick(symbol, 1 + i, Noon + (minute * 60_000)))]);
                long startMs = start < 0 ? 0 : Noon + (start * 60_000), endMs = Noon + ((start + length) * 60_000);
                string asked = string.Create(
                    CultureInfo.InvariantCulture,
                    $"?limit={limit}&sort={(newestFirst ? "desc" : "asc")}&end={endMs}{(start < 0 ? "" : $"&start={startMs}")}");

                var trades = await AllAsync(
                    $"/api/v2/trades/{symbol}{asked}", limit,
                    (TradesAnswer page) => (page.Trades.Select(trade => trade.P), page.NextPageToken));
                var expected = minutes.Select((minute, i) => (At: Noon + (minute * 60_000), Price: 1m + i))
                    .Where(trade => trade.At >= startMs && trade.At <= endMs).Select(trade => trade.Price);
                Assert.Equal(newestFirst ? expected.Reverse() : expected, trades);

                var bars = await AllAsync(
                    $"/api/v2/bars/{symbol}{asked}&timeframe={timeframes[timeframe]}",
                    limit,
                    (BarsAnswer page) => (page.Bars.Select(bar => bar.T.ToUnixTimeMilliseconds()), page.NextPageToken));
                int frame = timeframe == 0 ? 60_000 : 300_000;
                var opens = minutes.Select(minute => (Noon + (minute * 60_000)) / frame * frame)
                    .Distinct().Order().Where(open => open >= startMs && open <= endMs);
                Assert.Equal(newestFirst ? opens.Reverse() : opens, bars);
            },
            iter: 40,
            threads: 1);

        async Task<List<TItem>> AllAsync<TAnswer, TItem>(
            string path, int limit, Func<TAnswer, (IEnumerable<TItem> Items, string? Token)> read)
        {
            var all = new List<TItem>();
            string? token = null;
            do
            {
                var (items, next) = read(await world.ReadAsync<TAnswer>(path + (token is null ? "" : "&page_token=" + token)));
                Assert.InRange(items.Count(), next is null ? 0 : limit, limit);
                all.AddRange(items);
                Assert.InRange(all.Count, 0, 100); // or it would never end
                token = next;
            }
            while (token is not null);
            return all;
        }
    }
}
