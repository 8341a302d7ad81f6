using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Radar.Producer;
using Radar.Producer.Control;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Control;

/// <summary>Each kind of poison on its way through the real consumer.</summary>
public sealed class PoisonTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly RadarPath _path;
    private HttpClient _producer = null!;

    public PoisonTests()
    {
        _kafka.CreateTopic(Topic, 3);
        _kafka.CreateTopic(Topic + ".dlq", 3);
        _path = new RadarPath(
            _kafka, _redis.Address, Topic,
            "--Kafka:TopicIdentity=test", ControlCalls.Setting);
    }

    public async Task InitializeAsync() =>
        _producer = ControlCalls.Client(await _path.StartAsync(ProducerService.Build, ["--Producer:Source=none"]));

    public async Task DisposeAsync()
    {
        _producer.Dispose();
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [Fact]
    public async Task Every_kind_that_is_refused_is_found_among_the_dead_letters_and_the_valid_one_is_applied()
    {
        await _path.StartConsumerAsync();
        using var api = await _path.StartApiAsync();
        await RadarPath.BacklogAppliedAsync(api);
        string[] refused = [.. PoisonRecord.All.Where(poison => poison.IsRefused).Select(poison => poison.Kind)];
        foreach (string kind in refused)
        {
            string markdown = await ControlCalls.MarkdownAsync(_producer, "/control/inject", new { kind });

            var found = Regex.Match(
                markdown,
                @"record \| `market-ticks` partition (\d+) offset (\d+).*refused, `(\w+)`: "
                    + @"`market-ticks\.dlq` partition (\d+) offset (\d+)",
                RegexOptions.Singleline);
            Assert.True(found.Success, markdown);
            Assert.Equal(found.Groups[2].Value, Header(found.Groups[4].Value, found.Groups[5].Value, "radar.offset"));
            Assert.Equal(found.Groups[3].Value, Header(found.Groups[4].Value, found.Groups[5].Value, "radar.reason"));
        }

        string valid = await ControlCalls.MarkdownAsync(_producer, "/control/inject", new { kind = "null-traceparent" });
        await RadarPath.BacklogAppliedAsync(api);

        Assert.Contains("/api/v2/tickers/RADAR-TEST", valid, StringComparison.Ordinal);
        JsonObject ticker = await RadarPath.GetAsync(api, "/api/v2/tickers/RADAR-TEST");
        Assert.Equal(1, (decimal)ticker["p"]!);
        Assert.Equal(1, await _path.CountAsync());
    }

    [Fact]
    public async Task Unknown_kind_is_refused_with_those_that_are_known()
    {
        var (status, problem) = await ControlCalls.PostAsync(_producer, "/control/inject", new { kind = "arsenic" });

        Assert.Equal(400, status);
        Assert.Contains("bad-json, missing-price", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_consumer_the_result_reports_that_no_dead_letter_came()
    {
        string markdown = await ControlCalls.MarkdownAsync(_producer, "/control/inject", new { kind = "price-zero" });

        Assert.Contains("no dead letter within 10 s: the consumer is paused, behind or not running", markdown, StringComparison.Ordinal);
    }

    private string? Header(string partition, string offset, string name)
    {
        using var consumer = new ConsumerBuilder<Ignore,
            Ignore>(new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "test" }).Build();
        consumer.Assign(new TopicPartitionOffset(
            Topic + ".dlq", int.Parse(partition, System.Globalization.CultureInfo.InvariantCulture),
                long.Parse(offset, System.Globalization.CultureInfo.InvariantCulture)));
        using var limit = new CancellationTokenSource(Wait.Limit);
        var read = consumer.Consume(limit.Token);
        consumer.Close();
        return read.Message.Headers.TryGetLastBytes(name, out byte[] value) ? System.Text.Encoding.UTF8.GetString(value) : null;
    }
}
