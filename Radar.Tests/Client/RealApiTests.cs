using System.Net;
using Radar.Client;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Client;

/// <summary>Every read of the client from the API itself.</summary>
public sealed class RealApiTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private ApiWorld _world = null!;
    private RadarClient _client = null!;

    public async Task InitializeAsync()
    {
        _kafka.CreateTopic(Topic, Partitions);
        _world = await StartAsync(_redis.Address, _kafka.BootstrapServers);
        _client = new RadarClient(_world.Http);
        await _world.TakeInAsync(
            0, [Tick("A", 10m, Noon - 86_400_000), Tick("A", 11.5m, Noon, 2, 7), Tick("A", 12.25m, Noon + 60_000, 3, 8)]);
        await _world.TakeInAsync(1, [Tick("B", 8m, Noon - 86_400_000), Tick("B", 6m, Noon)]);
        await _world.TakeInAsync(2, [new Radar.Market.Tick("XBT/USD", 1e-10m, Noon)]);
        await _world.UntilAsync("/api/v2/symbols", symbols => symbols["symbols"]!.AsArray().Count == 3);
        await _world.UntilAsync("/api/v2/tickers/A", ticker => ticker["meta"]!["lag_ms"] is not null); // measured for the first time
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _kafka.Dispose();
        _redis.Dispose();
    }

    [Fact]
    public async Task Every_read_gives_what_the_API_has_in_types()
    {
        var ticker = (await _client.GetTickerAsync("a"))!;
        Assert.Equal(new Ticker("A", At(60_000), 12.25m, 3, "8", TradeSide.Buy, "test"), Plain(ticker));
        Assert.Equal((At(60_000), false), (ticker.Meta.EventTime!.Value, ticker.Meta.Stale));
        Assert.Equal("1-0-3", ticker.Meta.Version);
        Assert.True(ticker.Meta.Age > TimeSpan.FromDays(100));
        Assert.True(ticker.Meta.Lag >= TimeSpan.Zero);
        Assert.Equal(11.5m, (await _client.GetTickerAsync("A", asOf: At(59_999)))!.Price);
        Assert.Equal(new Ticker("XBT/USD", At(0), 1e-10m, 0, null, null, null), Plain((await _client.GetTickerAsync("XBT/USD"))!));
        Assert.Null(await _client.GetTickerAsync("NOBODY"));

        var letters = await _client.GetDeadLettersAsync(limit: 1);
        Assert.Equal((Topic + ".dlq", 0L, (string?)null), (letters.Topic, letters.Messages, letters.NextPageToken));

        var trades = (await _client.GetTradesAsync("A", new HistoryQuery { NewestFirst = true, Limit = 2 }))!;
        Assert.Equal([12.25m, 11.5m], trades.Trades.Select(trade => trade.Price));
        Assert.Equal(new Trade(At(60_000), 12.25m, 3, "8", TradeSide.Buy, "test") { Symbol = "A" }, trades.Trades[0]);
        Assert.NotNull(trades.NextPageToken);
        Assert.Equal([10m, 11.5m, 12.25m],
            (await _client.ListTradesAsync("A", new HistoryQuery { Limit = 1 }).ToListAsync()).Select(trade => trade.Price));

        var bars = await _client.ListBarsAsync("A", Timeframe.Day, new HistoryQuery { Limit = 1 }).ToListAsync();
        Assert.Equal(new Bar(At(-43_200_000), 11.5m, 12.25m, 11.5m, 12.25m, 5, 2, 11.95m) { Symbol = "A", Timeframe = Timeframe.Day },
            bars[^1]);
        Assert.Equal(2, bars.Count);

        Assert.Equal(["A", "B", "XBT/USD"], await _client.ListSymbolsAsync().ToListAsync());
        Assert.Equal(["XBT/USD"], (await _client.GetSymbolsAsync("x", limit: 1)).Symbols);
        Assert.Equal([("A", 12.25m), ("B", 6m)],
            (await _client.GetTickersAsync(["b", "A", "NOBODY"])).Tickers.Select(item => (item.Symbol, item.Price)));
        Assert.Equal(3, (await _client.ListTickersAsync().ToListAsync()).Count);
        Assert.Equal(11.5m, (await _client.ListTickersAsync(["A"], asOf: At(0)).ToListAsync()).Single().Price);

        var snapshots = (await _client.GetSnapshotsAsync(["A", "XBT/USD"])).Snapshots;
        Assert.Equal([("A", 12.25m), ("XBT/USD", 1e-10m)], snapshots.Select(item => (item.LatestTrade.Symbol, item.LatestTrade.Price)));
        Assert.Equal((12.25m, Timeframe.Minute, 10m),
            (snapshots[0].MinuteBar.Open, snapshots[0].MinuteBar.Timeframe, snapshots[0].PreviousDailyBar!.Close));
        Assert.Null(snapshots[1].PreviousDailyBar);

        var movers = await _client.GetMoversAsync(top: 5);
        Assert.Equal(new Mover("A", At(60_000), 12.25m, 10, ChangeSince.PreviousClose, 2.25m, 22.5m), movers.Gainers.Single());
        Assert.Equal(new Mover("B", At(0), 6, 8, ChangeSince.PreviousClose, -2, -25), movers.Losers.Single());

        var lag = await _client.GetLagAsync();
        Assert.Equal((0, TimeSpan.Zero), (lag.Messages, lag.Time));
        Assert.Equal([3, 2, 1], lag.Partitions.Select(partition => partition.Position));
    }

    [Fact]
    public async Task Refreshed_ticker_is_the_known_one_until_its_state_changes()
    {
        var known = (await _client.GetTickerAsync("A"))!;

        Assert.Same(known, await _client.RefreshTickerAsync(known));
        await _world.TakeInAsync(0, [Tick("A", 13, Noon + 61_000)]);
        await _world.UntilAsync("/api/v2/tickers/A", ticker => (decimal)ticker["p"]! == 13);

        Assert.Equal(13, (await _client.RefreshTickerAsync(known))!.Price);
    }

    [Fact]
    public async Task What_the_API_refuses_names_the_parameter()
    {
        var error = await Assert.ThrowsAsync<RadarApiException>(() => _client.GetTradesAsync("A", new HistoryQuery { Limit = 10_001 }));
        Assert.Equal((HttpStatusCode.BadRequest, "limit"), (error.Status, error.Parameter));
        error = await Assert.ThrowsAsync<RadarApiException>(() => _client.GetTickersAsync(["?"]));
        Assert.Equal("symbols", error.Parameter);
        await using var stream = _client.StreamTickersAsync(["?"]).GetAsyncEnumerator();
        error = await Assert.ThrowsAsync<RadarApiException>(async () => await stream.MoveNextAsync());
        Assert.Equal("symbols", error.Parameter);
    }

    [Fact]
    public async Task Version_of_a_list_is_where_a_stream_goes_on()
    {
        var list = await _client.GetTickersAsync();
        await _world.TakeInAsync(1, [Tick("B", 7, Noon + 1), Tick("B", 7.5m, Noon + 2)]);

        await using var stream = _client.StreamAsync(StreamChannels.Trades, since: list.Meta.Version).GetAsyncEnumerator();

        var prices = new List<decimal>();
        while (prices.Count < 2)
        {
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Wait.Limit));
            Assert.IsNotType<SnapshotEvent>(stream.Current);
            Assert.IsNotType<StreamGap>(stream.Current);
            if (stream.Current is TradeEvent { Trade: var trade })
                prices.Add(trade.Price);
        }

        Assert.Equal([7, 7.5m], prices);
    }

    [Fact]
    public async Task Streams_send_tickers_and_bars_as_they_change()
    {
        await using var tickers = _client.StreamTickersAsync(["A", "B"]).GetAsyncEnumerator();
        await using var bars = _client.StreamBarsAsync(Timeframe.Hour, ["B"]).GetAsyncEnumerator();
        Assert.Equal("A", (await NextAsync(tickers)).Symbol);
        Assert.Equal("B", (await NextAsync(tickers)).Symbol);
        var bar = NextAsync(bars);
        while (!bar.IsCompleted) // until the bars' stream is open
            await _world.TakeInAsync(1, [Tick("B", 9.5m, Noon + 5)]);

        Assert.Equal((9.5m, "B"), ((await NextAsync(tickers)).Price, tickers.Current.Symbol));
        Assert.Equal((At(0), 6m, 9.5m, "B", Timeframe.Hour),
            ((await bar).OpenTime, bars.Current.Open, bars.Current.Close, bars.Current.Symbol, bars.Current.Timeframe));
    }

    private static DateTimeOffset At(long afterNoonMs) => DateTimeOffset.FromUnixTimeMilliseconds(Noon + afterNoonMs);

    private static Ticker Plain(Ticker answer) =>
        new(answer.Symbol, answer.Time, answer.Price, answer.Size, answer.TradeId, answer.Side, answer.Venue);

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<T> stream)
    {
        Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Wait.Limit));
        return stream.Current;
    }
}
