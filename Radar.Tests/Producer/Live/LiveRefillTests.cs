using Microsoft.Extensions.Time.Testing;
using Radar.Producer;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

/// <summary>Asking a venue's REST: what goes wrong there, and how far it is gone.</summary>
public sealed class LiveRefillTests
{
    [Fact]
    public async Task Rest_that_fails_or_lags_is_asked_again()
    {
        await using var venue = await FakeVenue.StartAsync();
        var answers = new Queue<(int, string)>([(500, ""), (200, "<html>"), (200, BinancePage([2]))]);
        venue.Rest = _ => Task.FromResult(answers.Count > 0 ? answers.Dequeue() : (200, BinancePage([2, 3])));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(4));

        Assert.Equal([1, 2, 3, 4], await run.IdsAsync(4));
        Assert.Equal(0, run.Metrics.Live("missed"));
    }

    [Fact]
    public async Task Answer_of_rest_that_is_not_as_documented_is_asked_for_again()
    {
        await using var venue = await FakeVenue.StartAsync();
        var answers = new Queue<string>(["[]", """{"error":[],"result":null}""", """{"error":["\ud800"],"result":{}}"""]);
        venue.Rest = _ => Task.FromResult((200, answers.Count > 0 ? answers.Dequeue() : KrakenPage([1, 2, 4])));
        await using var run = new LiveRun(venue, "kraken", "btc/usd").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Kraken("update", 1), "broken", Kraken("update", 4));

        Assert.Equal([1, 2, 4], await run.IdsAsync(3));
        Assert.Equal((4, 0), (venue.Requests.Count, run.Metrics.Live("missed")));
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(429, 4)]
    public async Task Rest_that_refuses_is_given_up_and_the_gap_logged(int status, int attempts)
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = _ => Task.FromResult((status, "{}"));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(3));

        Assert.Equal([1, 3], await run.IdsAsync(2));
        Assert.Equal((1, attempts), (run.Metrics.Live("missed"), venue.Requests.Count));
        Assert.Contains($"(HTTP {status})", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_that_fails_goes_on_at_its_last_page()
    {
        await using var venue = await FakeVenue.StartAsync();
        int asked = 0;
        venue.Rest = request => Task.FromResult(++asked == 2
            ? (500, "")
            : (200, BinancePage(Range(long.Parse(request.Query["fromId"]!, null), 9_999).Take(1000))));
        await using var run = new LiveRun(venue, "binance", "btcusdt").Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(1502));

        Assert.Equal(Range(1, 1502), await run.IdsAsync(1502));
        Assert.Equal(["2", "1002", "1002"], venue.Requests.Select(request => request.Split("fromId=")[1].Split('&')[0]));
    }

    [Fact]
    public async Task Larger_gap_than_allowed_is_refilled_at_its_newer_end()
    {
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = request => Task.FromResult((200, BinancePage(Range(long.Parse(request.Query["fromId"]!, null), 100))));
        await using var run = new LiveRun(venue, "binance", "btcusdt");
        run.Live.RefillTradesMax = 10;
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(50));

        Assert.Equal([1, .. Range(40, 50)], await run.IdsAsync(12));
        Assert.Equal((10, 38), (run.Metrics.Live("refilled"), run.Metrics.Live("missed")));
        Assert.Contains("Producer:Live:RefillTradesMax", run.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gap_that_is_not_refilled_in_its_time_is_reported_with_what_stays_missing()
    {
        var time = new FakeTimeProvider(Now);
        await using var venue = await FakeVenue.StartAsync();
        venue.Rest = request => request.Query["fromId"] == "2"
            ? Task.FromResult((200, BinancePage(Range(2, 1001))))
            : new TaskCompletionSource<(int, string)>().Task;
        await using var run = new LiveRun(venue, "binance", "btcusdt") { Time = time };
        run.Live.RefillMs = 60_000;
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1), Spot(1502));
        await run.TicksAsync(1);
        var since = time.GetUtcNow();
        await run.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(50), () => venue.Requests.Count == 2, "the second page is asked for");
        await run.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => run.Count() > 1, "the gap is given up");

        Assert.True(time.GetUtcNow() - since >= TimeSpan.FromSeconds(60), $"after {time.GetUtcNow() - since}");
        Assert.Equal([.. Range(1, 1001), 1502], await run.IdsAsync(1002));
        Assert.Equal((1000, 500), (run.Metrics.Live("refilled"), run.Metrics.Live("missed")));
        Assert.Contains("1002–1501; 1000 were refilled (not done in 60000 ms, Producer:Live:RefillMs)", run.LogText,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gap_that_holds_back_most_is_given_up_where_too_much_waits_and_logged()
    {
        await using var venue = await FakeVenue.StartAsync();
        var ethereum = new TaskCompletionSource<(int, string)>();
        venue.Rest = request => request.Query["symbol"] == "ETHUSDT" ? ethereum.Task : new TaskCompletionSource<(int, string)>().Task;
        await using var run = new LiveRun(venue, "binance", "btcusdt", "ethusdt");
        run.Live.HeldTicksMax = 4;
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAsync(Spot(1, "ETHUSDT"), Spot(3, "ETHUSDT"), Spot(1), Spot(3), Spot(4), Spot(5), Spot(6));
        await run.TicksAsync(6);
        ethereum.SetResult((200, BinancePage([2])));

        Assert.Equal(
            ["ETHUSDT1", "BTCUSDT1", "BTCUSDT3", "BTCUSDT4", "BTCUSDT5", "BTCUSDT6", "ETHUSDT2", "ETHUSDT3"],
            (await run.TicksAsync(8)).Select(tick => tick.Symbol + tick.TradeId));
        Assert.Equal((1, 1), (run.Metrics.Live("missed"), run.Metrics.Live("refilled")));
        Assert.Contains("(4 ticks waited, Producer:Live:HeldTicksMax)", run.LogText, StringComparison.Ordinal);
    }
}
