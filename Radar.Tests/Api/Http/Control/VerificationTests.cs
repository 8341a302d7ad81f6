using System.Text;
using System.Text.Json.Nodes;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Api.Http.Control;

/// <summary>What the API serves against the log, on the whole path.</summary>
public sealed class VerificationTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";
    private const string Symbol = "BTCUSDT";
    private const long StartMs = 1_700_000_000_000;

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly RadarPath _path;
    private HttpClient _api = null!;

    public VerificationTests()
    {
        _kafka.CreateTopic(Topic, 2);
        _kafka.CreateTopic(Topic + ".dlq", 1);
        _path = new RadarPath(
            _kafka, _redis.Address, Topic,
            "--Kafka:TopicIdentity=test", ControlCalls.Setting, "--Projection:TradesRetained=50");
    }

    public async Task InitializeAsync()
    {
        await _path.StartConsumerAsync();
        _api = await _path.StartApiAsync();
        _api.DefaultRequestHeaders.Add(ControlCalls.Header, ControlCalls.Key);
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [Theory]
    [InlineData("1Min")]
    [InlineData("1h")]
    public async Task State_that_was_made_from_the_log_is_equal_refusals_late_ticks_and_other_symbols_included(string timeframe)
    {
        await SendAsync(Enumerable.Range(0, 200).Select(i => Event(Symbol, 60_000 + i, StartMs + (i * 7_000L))));
        await SendAsync([(Symbol, "no json"), ("OTHER", Event(Symbol, 1, StartMs).Value), Event("ETHUSDT", 2, StartMs),
            Event(Symbol, 1, StartMs + 1)]);

        var (status, result) = await VerifyAsync("btcusdt", timeframe);

        string markdown = (string)result["markdown"]!;
        Assert.True(status == 200 && (bool)result["ok"]!, markdown);
        Assert.Equal("BTCUSDT is equal.", (string?)result["message"]);
        Assert.Contains("201 ticks of BTCUSDT. The log reaches back to its beginning.", markdown, StringComparison.Ordinal);
        Assert.Matches(@"\| trades \| `1-\d-\d+` \| 50 \| 50 \| equal \|", markdown);
        Assert.Matches(timeframe == "1Min" ? @"\| bars 1Min \| `1-\d-\d+` \| 24 \| 24 \| equal \|"
            : @"\| bars 1Hour \| `1-\d-\d+` \| \d \| \d \| equal \|", markdown);
    }

    [Fact]
    public async Task State_is_equal_while_ticks_come_in()
    {
        using var stop = new CancellationTokenSource();
        var producing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                await _path.SendAsync(Event(Symbol, 60_000 + (i % 97), StartMs + (i * 900L)));
        });
        await Wait.UntilAsync(async () => await _path.CountAsync() > 100, "some ticks are there");

        for (int i = 0; i < 5; i++)
        {
            var (_, result) = await VerifyAsync(Symbol, "1Min", settled: false);
            Assert.True((bool)result["ok"]!, (string?)result["markdown"]);
        }

        await stop.CancelAsync();
        await producing;
    }

    [Fact]
    public async Task Bar_that_was_tampered_with_is_shown_beside_what_the_log_gives()
    {
        await SendAsync(Enumerable.Range(0, 20).Select(i => Event(Symbol, 60_000 + i, StartMs + (i * 7_000L))));
        await RadarPath.BacklogAppliedAsync(_api);
        await TamperAsync(async (database, keys) =>
        {
            RedisKey key = keys.Bars(Timeframe.Minute, Symbol);
            string bar = (string)(await database.SortedSetRangeByRankAsync(key, 0, 0))[0]!;
            string other = RecordText.WithChecksum(bar.Replace("\"h\":6", "\"h\":7", StringComparison.Ordinal));
            await database.SortedSetRemoveAsync(key, bar);
            await database.SortedSetAddAsync(key, other, StoredRecord.OpenTime(Encoding.UTF8.GetBytes(bar)));
        });

        var (status, result) = await VerifyAsync(Symbol, "1Min");

        string markdown = (string)result["markdown"]!;
        Assert.Equal((200, false, "BTCUSDT is different."), (status, (bool)result["ok"]!, (string?)result["message"]));
        Assert.Contains("**1 different**", markdown, StringComparison.Ordinal);
        Assert.Matches(@"- bars 1Min, 2023-11-14T22:13:00\.000Z: API `\{.*""h"":7\d+.*`, log `\{.*""h"":6\d+", markdown);
    }

    [Fact]
    public async Task Trade_that_is_missing_and_latest_that_is_another_are_both_found()
    {
        await SendAsync(Enumerable.Range(0, 20).Select(i => Event(Symbol, 60_000 + i, StartMs + i)));
        await RadarPath.BacklogAppliedAsync(_api);
        await TamperAsync(async (database, keys) =>
        {
            await database.ListRightPopAsync(keys.Trades(Symbol));
            string counts = (string)(await database.HashGetAsync(keys.Position, "n:" + Symbol))!;
            await database.HashSetAsync(keys.Position, "n:" + Symbol, counts.Replace("20 ", "19 ", StringComparison.Ordinal));
            string latest = (string)(await database.HashGetAsync(keys.Latest, Symbol))!;
            await database.HashSetAsync(
                keys.Latest, Symbol, RecordText.WithChecksum(latest.Replace("\"p\":6", "\"p\":5", StringComparison.Ordinal)));
        });

        var (_, result) = await VerifyAsync(Symbol, "1Min");

        string markdown = (string)result["markdown"]!;
        Assert.False((bool)result["ok"]!, markdown);
        Assert.Matches(@"\| latest in Redis \| `[^`]+` \| 1 \| 0 \| \*\*1 different\*\*", markdown);
        Assert.Matches(@"\| trades \| `[^`]+` \| 19 \| 19 \| \*\*1 different\*\*", markdown);
        Assert.Contains("API nothing, log `{", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_older_than_the_log_is_not_called_different()
    {
        await SendAsync(Enumerable.Range(0, 30).Select(i => Event(Symbol, 60_000 + i, StartMs + (i * 20_000L))));
        await RadarPath.BacklogAppliedAsync(_api);
        string padding = new('x', 60_000); // the embedded broker keeps 5 MB of a partition
        for (int i = 0; i < 10; i++)
        {
            await SendAsync(Enumerable.Range(0, 15).Select(_ => Event(Symbol, 61_000, StartMs + 700_000, padding)));
            await RadarPath.BacklogAppliedAsync(_api);
        }

        var (_, result) = await VerifyAsync(Symbol, "1Min");

        string markdown = (string)result["markdown"]!;
        Assert.True((bool)result["ok"]!, markdown);
        Assert.Contains("is equal as far as the log reaches back", (string)result["message"]!, StringComparison.Ordinal);
        Assert.Matches("The log begins at offset [1-9][0-9]* only", markdown);
        Assert.Matches(@"\| bars 1Min \|.*equal; \d+ older than the log", markdown);
    }

    [Theory]
    [InlineData("NOSUCH", "1Min", 404, "The API has no symbol NOSUCH")]
    [InlineData("a b", "1Min", 400, "symbol 'a b' is none")]
    [InlineData(Symbol, "2Min", 400, "one of 1Min, 5Min, 15Min, 1Hour, 1Day")]
    public async Task Argument_that_cannot_be_is_named(string symbol, string timeframe, int expected, string named)
    {
        await SendAsync([Event(Symbol, 1, StartMs)]);

        var (status, problem) = await VerifyAsync(symbol, timeframe);

        Assert.Equal(expected, status);
        Assert.Contains(named, (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kafka_that_is_away_is_a_problem_that_names_it()
    {
        await SendAsync([Event(Symbol, 1, StartMs)]);
        await RadarPath.BacklogAppliedAsync(_api);
        await ((IServerSwitch)_kafka).StopAsync();

        var (status, problem) = await VerifyAsync(Symbol, "1Min", settled: false);

        Assert.Equal(503, status);
        Assert.Contains("Start Kafka, then try again", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    private static (string Key, string Value) Event(string symbol, int price, long timestampMs, string? padding = null) =>
        (symbol, $$"""{"symbol":"{{symbol}}","price":{{price}},"timestamp":{{timestampMs}}"""
            + $$""","size":0.5{{(padding is null ? "" : $",\"padding\":\"{padding}\"")}}}""");

    private Task SendAsync(IEnumerable<(string Key, string Value)> events) =>
        _path.SendAsync([.. events.Select(one => ((string?)one.Key, (string?)one.Value))]);

    private async Task<(int Status, JsonObject Body)> VerifyAsync(string symbol, string timeframe, bool settled = true)
    {
        if (settled)
            await RadarPath.BacklogAppliedAsync(_api);
        return await ControlCalls.PostAsync(_api, "/control/verify", new { symbol, timeframe });
    }

    private async Task TamperAsync(Func<IDatabase, RedisKeys, Task> tamper)
    {
        var database = _path.Redis.GetDatabase();
        for (int partition = 0; partition < 2; partition++)
        {
            var keys = new RedisKeys(RedisKeys.FirstEpoch, partition);
            if (await database.HashExistsAsync(keys.Latest, Symbol))
                await tamper(database, keys);
        }
    }
}
