using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Consumer;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>
/// Text of Kafka records (keys, values, headers) reaches logs, health, the list of dead letters and the results of commands escaped.
/// </summary>
public sealed class HostileRecordTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";
    private const string DeadLetters = Topic + ".dlq";

    private static readonly byte[] Hostile = Encoding.UTF8.GetBytes(HostileText.Text);

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();

    public Task InitializeAsync()
    {
        _kafka.CreateTopic(Topic, 1);
        _kafka.CreateTopic(DeadLetters, 1);
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        _redis.Dispose();
        _kafka.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Refused_records_are_logged_counted_and_shown_escaped()
    {
        await using var path = Path();
        var (consumer, consumed) = await StartAsync(path, ConsumerService.Build);
        var (api, served) = await StartAsync(path, ApiService.Build);
        using var http = new HttpClient { BaseAddress = new Uri(api.Urls.First()) };
        using var producer = Producer();
        var headers = new Headers { { HostileText.OfOneLine, Hostile }, { "traceparent", Hostile }, { "radar.reason", Hostile } };
        await SendAsync(Topic, Hostile, Hostile, headers);
        await SendAsync(Topic, Hostile, Event(HostileText.Json, "x"), headers);
        await SendAsync(Topic, "A"u8.ToArray(), Event("A", HostileText.Json), headers);
        await SendAsync(DeadLetters, Hostile, Hostile, new Headers
        {
            { "radar.reason", Hostile }, { "radar.topic", Hostile }, { "radar.partition", "0"u8.ToArray() },
            { "radar.offset", "7"u8.ToArray() }, { "radar.left_out", Hostile },
        });
        await RadarPath.BacklogAppliedAsync(http);

        string health = "";
        await Wait.UntilAsync(
            async () => (health = await http.GetStringAsync(new Uri("/health", UriKind.Relative)))
                .Contains("has 3 records", StringComparison.Ordinal),
            "the dead letters are counted");
        string letters = await http.GetStringAsync(new Uri("/api/v2/dead-letters", UriKind.Relative));
        Assert.Contains(
            JsonNode.Parse(letters)!["reasons"]!.AsArray(), reason => (string)reason!["reason"]! == HostileText.Text);
        using var ofConsumer = new HttpClient { BaseAddress = new Uri(consumer.Urls.First()) };
        string[] texts = [letters, health, await ofConsumer.GetStringAsync(new Uri("/health", UriKind.Relative))];
        Assert.All(texts, HostileText.AssertHarmless);
        foreach (string text in texts.Skip(1))
            Assert.All(Descriptions(JsonNode.Parse(text)!), HostileText.AssertHarmless);
        Assert.All(consumed.Lines.Concat(served.Lines), HostileText.AssertHarmless);
        Assert.Contains(consumed.Lines, line => line.Contains("the record is refused (bad_json)", StringComparison.Ordinal));

        Task SendAsync(string topic, byte[] key, byte[] value, Headers own) =>
            producer.ProduceAsync(topic, new Message<byte[], byte[]> { Key = key, Value = value, Headers = own });
    }

    [Fact]
    public async Task Reason_that_somebody_else_wrote_is_escaped_in_the_result_of_a_command()
    {
        await using var path = Path(ControlCalls.Setting);
        var (host, lines) = await StartAsync(path, ProducerService.Build, "--Producer:Source=none");
        using var http = ControlCalls.Client(host);
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "test" }).Build();
        consumer.Assign(new TopicPartitionOffset(Topic, 0, 0));
        using var limit = new CancellationTokenSource(Wait.Limit);
        var consumed = Task.Run(() => consumer.Consume(limit.Token));
        using var producer = Producer();
        await producer.ProduceAsync(DeadLetters, new Message<byte[], byte[]> { Value = [] }); // connects: the command waits for 10 s only
        var injected = ControlCalls.MarkdownAsync(http, "/control/inject", new { kind = "price-zero" });
        var record = await consumed;

        await producer.ProduceAsync(DeadLetters, new Message<byte[], byte[]>
        {
            Value = [],
            Headers = new Headers
            {
                { "radar.reason", Hostile }, { "radar.partition", "0"u8.ToArray() },
                { "radar.offset", Encoding.UTF8.GetBytes($"{record.Offset.Value}") },
            },
        });

        string markdown = await injected;
        consumer.Close();
        Assert.Contains("refused, `bad\\u000d\\u000awarn: forged", markdown, StringComparison.Ordinal);
        Assert.All(markdown.Split('\n'), HostileText.AssertHarmless);
        Assert.All(lines.Lines, HostileText.AssertHarmless);
    }

    [Theory]
    [InlineData("Kafka:Topic")]
    [InlineData("Kafka:DeadLetterTopic")]
    [InlineData("Producer:Topic:Name")]
    public async Task Name_of_a_topic_that_is_none_stops_the_start_and_is_escaped(string setting)
    {
        await using var host = ProducerService.Build(
        [
            "--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", "--Producer:Source=kafka",
            "--Producer:Topic:Name=other", $"--{setting}={HostileText.Text}",
        ]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceRunner.StartAsync(host, CancellationToken.None));

        Assert.NotEmpty(error.Failures);
        Assert.All(error.Failures.Select(LogText.Line), HostileText.AssertHarmless);
        Assert.All(error.Failures, HostileText.AssertHarmless);
    }

    private RadarPath Path(params string[] settings) =>
        new(_kafka, _redis.Address, Topic, ["--Kafka:TopicIdentity=test", "--Kafka:Partitions=1", .. settings]);

    private IProducer<byte[], byte[]> Producer() => new ProducerBuilder<byte[], byte[]>(
        new ProducerConfig { BootstrapServers = _kafka.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    private static async Task<(WebApplication Host, LogLines Lines)> StartAsync(
        RadarPath path, Func<string[], WebApplication> build, params string[] more)
    {
        WebApplication? made = null;
        var lines = new LogLines();
        await path.StartAsync(
            arguments =>
            {
                made = build(arguments);
                made.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
                return made;
            },
            ["--Logging:LogLevel:Default=Information", .. more]);
        return (made!, lines);
    }

    private static byte[] Event(string symbol, string venue) =>
        Encoding.UTF8.GetBytes($$"""{"symbol":"{{symbol}}","price":1,"timestamp":1,"venue":"{{venue}}"}""");

    private static IEnumerable<string> Descriptions(JsonNode health) => health["checks"]!.AsObject()
        .Select(check => (string?)check.Value!["description"] ?? "").Append((string)health["description"]!);
}
