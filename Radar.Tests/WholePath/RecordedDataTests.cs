using System.Globalization;
using System.Text.Json;
using Radar.Client;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.WholePath;

/// <summary>
/// Recorded markets from their files to the API's bars, against totals that other code computed: through Kafka and Redis, nothing is lost,
/// doubled or rounded.
/// </summary>
[Collection(OnApacheKafka.Name)]
public sealed class RecordedDataTests(KafkaHome apache)
{
    private static readonly string[] Replay =
    [
        "--Producer:Source=replay", "--Producer:Replay:Speed=0", "--Producer:SymbolFormat={venue}:{symbol}",
        "--Producer:Replay:Venue=coinbase",
    ];

    [RequiresFact(Need.SharedData)]
    public async Task Replay_through_the_embedded_broker_has_the_exact_totals_though_it_keeps_5_MB_per_partition()
    {
        using var kafka = EmbeddedKafka.Start();
        using var redis = EmbeddedRedis.Start();
        kafka.CreateTopic("market-ticks", 3);
        kafka.CreateTopic("market-ticks.dlq", 1);
        await using var path = new RadarPath(
            kafka.BootstrapServers, redis.Address, "market-ticks", "--Kafka:TopicIdentity=test", "--Projection:Days1Min=30");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();

        await path.ProduceAsync([.. Replay, .. Paths(), "--Producer:UnconsumedBytesMax=2097152"]);
        await RadarPath.BacklogAppliedAsync(api);

        await CheckAnswersAsync(api);
    }

    [RequiresFact(Need.KafkaHome, Need.SharedData)]
    public async Task Replay_through_Apache_Kafka_has_the_exact_totals_and_a_second_consumer_ends_in_the_same_bytes()
    {
        using var redis = EmbeddedRedis.Start();
        using var second = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "recorded", "--Projection:Days1Min=30");
        await using var again = new RadarPath(apache.BootstrapServers, second.Address, "recorded", "--Projection:Days1Min=30");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.ProduceAsync([.. Replay, .. Paths(), "--Kafka:Partitions=6"]);
        await RadarPath.BacklogAppliedAsync(api);
        await CheckAnswersAsync(api);

        using HttpClient apiAgain = await again.StartApiAsync("--Kafka:ConsumerGroup=again");
        await again.StartConsumerAsync("--Kafka:ConsumerGroup=again", "--Consumer:BatchRecordsMax=777");
        await RadarPath.BacklogAppliedAsync(apiAgain);

        string first = await RedisDump.OfAsync(path.Redis, "radar:{1.*");
        Assert.NotEmpty(first);
        RedisDump.AssertSame(first, await RedisDump.OfAsync(again.Redis, "radar:{1.*"), "The second consumer's state differs.");
    }

    private static IEnumerable<string> Paths() =>
        new[] { "hftbacktest", "lean", "questdb" }.Select((folder, i) => $"--Producer:Replay:Paths:{i}={SharedData.Path(folder)}");

    private static async Task CheckAnswersAsync(HttpClient api)
    {
        var client = new RadarClient(api);
        using var answers = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedData.Path("ANSWERS.json")));
        int compared = 0;
        foreach (JsonProperty file in answers.RootElement.EnumerateObject())
        {
            var (symbol, day) = Where(file.Name);
            var range = day is null ? new HistoryQuery { Limit = 500 } : new HistoryQuery
            {
                Limit = 500,
                Start = DateTimeOffset.Parse(day + "T00:00:00Z", CultureInfo.InvariantCulture),
                End = DateTimeOffset.Parse(day + "T23:59:59Z", CultureInfo.InvariantCulture),
            };
            // The answers are of single days; weeks and months have several.
            foreach (Timeframe timeframe in Enum.GetValues<Timeframe>().Except([Timeframe.Week, Timeframe.Month]))
            {
                var bars = await client.ListBarsAsync(symbol, timeframe, range).ToListAsync();
                Assert.NotEmpty(bars);
                string where = $"{file.Name} {timeframe}";
                Assert.True(Of(file, "trades") == bars.Sum(bar => bar.Trades), $"{where}: {bars.Sum(bar => bar.Trades)} trades");
                Assert.True(Of(file, "open") == bars[0].Open, $"{where}: open {bars[0].Open}");
                Assert.True(Of(file, "high") == bars.Max(bar => bar.High), $"{where}: high");
                Assert.True(Of(file, "low") == bars.Min(bar => bar.Low), $"{where}: low");
                Assert.True(Of(file, "close") == bars[^1].Close, $"{where}: close {bars[^1].Close}");
                Assert.True(Of(file, "qty") == bars.Sum(bar => bar.Volume), $"{where}: quantity");
                decimal notional = bars.Sum(bar => bar.Vwap!.Value * bar.Volume);
                Assert.True(Math.Abs(Of(file, "notional") / notional - 1) < 1e-12m, $"{where}: notional {notional}");
            }

            compared++;
        }

        Assert.Equal(15, compared);
    }

    /// <summary>The symbol of a recorded file, and its day where a symbol has several files.</summary>
    private static (string Symbol, string? Day) Where(string file)
    {
        string[] parts = Path.GetFileName(file.Split('!')[0]).Split('_', '.');
        return parts switch
        {
            ["spot", var pair, ..] => ("BINANCE:" + pair.ToUpperInvariant(), null),
            ["usdm", var pair, ..] => ("BINANCE-USDM:" + pair.ToUpperInvariant(), null),
            ["equity", _, _, var ticker, var day, ..] => ("LEAN:" + ticker.ToUpperInvariant(), $"{day[..4]}-{day[4..6]}-{day[6..]}"),
            _ => ("COINBASE:BTC-USD", null),
        };
    }

    private static decimal Of(JsonProperty file, string member)
    {
        JsonElement value = file.Value.GetProperty(member);
        return value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : decimal.Parse(
            value.GetString()!, CultureInfo.InvariantCulture);
    }
}
