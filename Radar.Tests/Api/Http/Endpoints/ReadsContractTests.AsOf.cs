using System.Globalization;
using System.Net;
using CsCheck;
using Radar.Api.Http.Contract;
using Radar.Market;
using Radar.Tests.Fixtures;
using Radar.Tests.Market;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

public abstract partial class ReadsContractTests
{
    [ContractFact]
    public async Task Past_is_served_as_if_nothing_had_happened_since()
    {
        var world = World;
        var sample =
            from steps in Gen.OneOf(Gen.Long[0, 15_000], Gen.Long[0, 400_000], Gen.Long[0, DayMs / 3], Gen.Long[-90_000, 0]).Array[1, 25]
            from prices in Gen.Int[1, 9].Array[steps.Length]
            from at in Gen.Int[0, steps.Length - 1]
            from after in Gen.Long[0, 70_000]
            from timeframe in Gen.Int[0, Timeframe.Count - 1]
            from newestFirst in Gen.Bool
            from limit in Gen.Int[1, 30]
            select (steps, prices, at, after, timeframe, newestFirst, limit);

        await sample.SampleAsync(
            async drawn =>
            {
                var (steps, prices, at, after, frame, newestFirst, limit) = drawn;
                string symbol = NewSymbol();
                long timestampMs = Noon;
                Tick[] ticks = [.. steps.Select((step, i) => Tick(symbol, prices[i], timestampMs += step, size: i % 3, id: i))];
                await world.TakeInAsync(0, ticks);
                long atMs = ticks[at].TimestampMs + after;
                string asOf = (at % 2 == 0 ? Rfc3339.Format(atMs) : atMs.ToString(CultureInfo.InvariantCulture))
                    + (newestFirst ? "&sort=desc" : "");
                Tick[] before = [.. ticks.Where(tick => tick.TimestampMs <= atMs)];
                var newest = before.Select((tick, i) => (tick, i)).OrderBy(entry => entry.tick.TimestampMs).ThenBy(entry => entry.i).Last()
                    .tick;
                string time = asOf.Split('&')[0];

                var ticker = await world.ReadAsync<TickerAnswer>($"/api/v2/tickers/{symbol}?as_of={time}");
                Assert.Equal((newest.Price, newest.TimestampMs, newest.TradeId.Number),
                    (ticker.P, ticker.T.ToUnixTimeMilliseconds(), ticker.I!.Value.GetInt64()));
                Assert.Equal(newest.TimestampMs, ticker.Meta.EventTime!.Value.ToUnixTimeMilliseconds());
                var tickers = await world.ReadAsync<TickersAnswer>($"/api/v2/tickers?symbols=nobody,{symbol}&as_of={time}");
                Assert.Equal(newest.TradeId.Number, Assert.Single(tickers.Tickers).I!.Value.GetInt64());
                Assert.Equal(ticker.Meta.EventTime, tickers.Meta.EventTime);

                var trades = await world.ReadAsync<TradesAnswer>($"/api/v2/trades/{symbol}?as_of={asOf}");
                var inOrder = before.Select(tick => tick.TradeId.Number!.Value);
                Assert.Equal(newestFirst ? inOrder.Reverse() : inOrder, trades.Trades.Select(trade => trade.I!.Value.GetInt64()));
                Assert.Equal(ticker.Meta.EventTime, trades.Meta.EventTime);

                var fold = new ReferenceFold(new ProjectionOptions());
                for (int i = 0; i < ticks.Length; i++)
                {
                    if (ticks[i].TimestampMs <= atMs)
                        fold.Add(ticks[i], i);
                }

                Timeframe timeframe = Timeframe.All[frame];
                var expected = fold.Bars(symbol, timeframe).Select(bar => (
                    DateTimeOffset.Parse((string)bar["t"]!, CultureInfo.InvariantCulture), (decimal)bar["o"]!, (decimal)bar["h"]!,
                    (decimal)bar["l"]!,
                    (decimal)bar["c"]!, (decimal)bar["v"]!, (long)(decimal)bar["n"]!)).ToList();
                var bars = new List<BarItem>();
                string? token = null;
                do
                {
                    var page = await world.ReadAsync<BarsAnswer>(
                        $"/api/v2/bars/{symbol}?timeframe={timeframe}&limit={limit}&as_of={asOf}"
                            + (token is null ? "" : "&page_token=" + token));
                    bars.AddRange(page.Bars);
                    Assert.InRange(page.Bars.Length, page.NextPageToken is null ? 1 : limit, limit);
                    Assert.Equal(ticker.Meta.EventTime, page.Meta.EventTime);
                    token = page.NextPageToken;
                }
                while (token is not null);
                if (newestFirst)
                    bars.Reverse();
                Assert.Equal(expected, bars.Select(Members));

                var snapshot = Assert.Single(
                    (await world.ReadAsync<SnapshotsAnswer>($"/api/v2/snapshots?symbols={symbol}&as_of={time}")).Snapshots);
                Assert.Equal(newest.TradeId.Number, snapshot.LatestTrade.I!.Value.GetInt64());
                var days = fold.Bars(symbol, Timeframe.Day);
                Assert.Equal((decimal)fold.Bars(symbol, Timeframe.Minute)[^1]["n"]!, snapshot.MinuteBar.N);
                Assert.Equal((newest.Price, (decimal)days[^1]["n"]!), (snapshot.DailyBar.C, snapshot.DailyBar.N));
                Assert.Equal(days.Count > 1 ? (decimal)days[^2]["c"]! : null, snapshot.PreviousDailyBar?.C);
            },
            iter: 40,
            threads: 1);

        static (DateTimeOffset, decimal, decimal, decimal, decimal, decimal, long) Members(BarItem bar) =>
            (bar.T, bar.O, bar.H, bar.L, bar.C, bar.V, bar.N);
    }

    [ContractFact]
    public async Task Past_that_is_no_longer_kept_is_refused_with_what_is()
    {
        // 1000 trades are kept: those of the last 1000 ms.
        await World.TakeInAsync(0, [.. Enumerable.Range(0, 1100).Select(i => Tick(_symbol, 1, Noon + i))]);
        string kept = Rfc3339.Format(Noon + 100);
        string known = NewSymbol();
        await World.TakeInAsync(1, [Tick(known, 1)]);

        foreach (long atMs in new[] { Noon + 1050, Noon + 50, Noon - 1 })
        {
            string time = Rfc3339.Format(atMs);
            foreach (string path in new[] { $"tickers/{_symbol}?", $"bars/{_symbol}?", $"tickers?symbols={known},{_symbol}&",
                $"snapshots?symbols={_symbol},{known}&" })
            {
                var problem = await World.ProblemAsync($"/api/v2/{path}as_of={time}", HttpStatusCode.BadRequest);
                Assert.Equal("as_of", (string?)problem["parameter"]);
                Assert.Equal($"as_of={time} cannot be answered exactly for {_symbol}: its trades are kept from {kept} on.",
                    (string?)problem["detail"]);
            }
        }

        await World.ProblemAsync($"/api/v2/bars/{_symbol}?timeframe=1d&as_of={Noon + 50}", HttpStatusCode.BadRequest);
        // that day had not begun to trade
        Assert.Empty((await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?timeframe=1d&as_of={Noon - 1}")).Bars);

        // What needs nothing that is gone is served: the newest, a bar that had closed, trades that are kept.
        Assert.Equal(Noon + 1099,
            (await World.ReadAsync<TickerAnswer>($"/api/v2/tickers/{_symbol}?as_of={Noon + 1099}")).T.ToUnixTimeMilliseconds());
        Assert.Equal(1100, Assert.Single((await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?as_of={Noon + 59_999}")).Bars).N);
        Assert.Equal(951, (await World.ReadAsync<TradesAnswer>($"/api/v2/trades/{_symbol}?as_of={Noon + 1050}")).Trades.Length);
        Assert.Null((await World.ReadAsync<TradesAnswer>($"/api/v2/trades/{_symbol}?as_of={Noon + 50}")).Meta.EventTime);
        Assert.Single((await World.ReadAsync<TickersAnswer>($"/api/v2/tickers?symbols={known}&as_of={Noon + 50}")).Tickers);
    }

    [ContractFact]
    public async Task Past_before_the_bars_that_were_asked_for_needs_nothing_that_is_gone()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1, Noon), .. Enumerable.Range(0, 1100).Select(i => Tick(_symbol, 2, Noon + 60_000 + i))]);

        var bars = await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?end={Noon}&as_of={Noon + 60_500}");

        Assert.Equal(1, Assert.Single(bars.Bars).C);
    }

    [ContractTheory]
    [InlineData("asc")]
    [InlineData("desc")]
    public async Task Bar_that_had_not_begun_to_trade_is_not_in_the_pages(string sort)
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1, Noon), Tick(_symbol, 2, Noon + 60_000), Tick(_symbol, 3, Noon + 120_500)]);

        var first = await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?as_of={Noon + 120_000}&limit=1&sort={sort}");
        var second = await World.ReadAsync<BarsAnswer>(
            $"/api/v2/bars/{_symbol}?as_of={Noon + 120_000}&limit=1&sort={sort}&page_token={first.NextPageToken}");

        Assert.Equal(sort == "asc" ? [1m, 2m] : [2m, 1m], first.Bars.Concat(second.Bars).Select(bar => bar.C));
        Assert.Null(second.NextPageToken);
    }

    [ContractTheory]
    [InlineData("trades")]
    [InlineData("bars")]
    public async Task Start_after_the_point_in_time_is_named(string route)
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);

        var problem = await World.ProblemAsync($"/api/v2/{route}/{_symbol}?start={Noon + 1}&as_of={Noon}", HttpStatusCode.BadRequest);

        Assert.Equal(("start", "start is later than as_of."), ((string?)problem["parameter"], (string?)problem["detail"]));
        var unknown = await World.ProblemAsync($"/api/v2/{route}/nobody?as_of={Noon}", HttpStatusCode.NotFound);
        Assert.Equal("symbol", (string?)unknown["parameter"]);
    }
}
