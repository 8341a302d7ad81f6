using System.Net;
using System.Text;
using Confluent.Kafka;
using Radar.Api.Http.Contract;
using Radar.Api.Http.Requests;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Endpoints;

/// <summary>Refused records over HTTP and in health, from a dead-letter topic that the test fills.</summary>
public sealed class DeadLetterEndpointTests : IDisposable
{
    private const string Path = "/api/v2/dead-letters";
    private const string Topic = ApiWorld.Topic + ".dlq";

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();

    public void Dispose()
    {
        _kafka.Dispose();
        _redis.Dispose();
    }

    [Fact]
    public async Task Topic_that_is_not_there_has_none()
    {
        await using var world = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);

        var none = await world.ReadAsync<DeadLettersAnswer>(Path);

        Assert.Equal((Topic, 0L, 0L, 0, 0, (string?)null),
            (none.Topic, none.Messages, none.Counted, none.Reasons.Length, none.DeadLetters.Length, none.NextPageToken));
    }

    [Fact]
    public async Task Newest_are_shown_with_reason_coordinates_and_what_was_sent()
    {
        using var producer = Producer(_kafka.BootstrapServers);
        await SendAsync(producer, 4, 17, "bad_json", "BTC", "{\"symbol\":");
        await SendAsync(producer, 5, 18, "too_large", null, new string('x', 5000));
        await using var world = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);

        var first = await world.ReadAsync<DeadLettersAnswer>(Path);
        Assert.Equal((2L, 2L), (first.Messages, first.Counted));
        var (large, json) = (first.DeadLetters[0], first.DeadLetters[1]);
        Assert.Equal(("too_large", new RecordCoordinates(ApiWorld.Topic, 5, 18), null, new string('x', 1024), 5000),
            (large.Reason, large.Source!, large.Key, large.Value, large.ValueBytes));
        Assert.Equal(("bad_json", new RecordCoordinates(ApiWorld.Topic, 4, 17), "BTC", "{\"symbol\":", 10),
            (json.Reason, json.Source!, json.Key, json.Value, json.ValueBytes));
        Assert.True(large.T >= json.T && first.CountedSince == json.T);
        Assert.EndsWith("Z", (string?)(await world.JsonAsync(Path))["dead_letters"]![0]!["t"], StringComparison.Ordinal);

        // What comes later is counted at once, and comes first.
        await SendAsync(producer, 4, 19, "bad_json", "BTC", "[");
        var second = await world.ReadAsync<DeadLettersAnswer>(Path);
        Assert.Equal([new("bad_json", 2), new("too_large", 1)], second.Reasons.AsEnumerable());
        Assert.Equal("[", second.DeadLetters[0].Value);
        await world.UntilAsync("/health", health => (string?)health["checks"]!["dead-letters"]!["description"]
            == $"{Topic} has 3 records. Reasons: bad_json 2, too_large 1. {Path} shows them.");
    }

    [Fact]
    public async Task Records_of_other_software_are_shown_as_far_as_they_go()
    {
        using var producer = Producer(_kafka.BootstrapServers);
        var headers = new Headers
        {
            { "radar.reason", [] }, { "radar.partition", "-1"u8.ToArray() }, { "radar.offset", "x"u8.ToArray() }, { "a", null },
        };
        await producer.ProduceAsync(Topic, new Message<byte[]?, byte[]?> { Key = [0xff], Value = null, Headers = headers });
        await using var world = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);

        var item = Assert.Single((await world.ReadAsync<DeadLettersAnswer>(Path)).DeadLetters);

        Assert.Equal(("unknown", null, "\ufffd", null, 0), (item.Reason, item.Source, item.Key, item.Value, item.ValueBytes));
    }

    [Fact]
    public async Task Pages_go_from_the_newest_to_the_oldest_and_show_each_once_while_more_come()
    {
        using var producer = Producer(_kafka.BootstrapServers);
        for (int i = 0; i < 25; i++)
            await SendAsync(producer, 0, i, "bad_price", $"S{i}", "{}");
        await using var world = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);

        var offsets = new List<long>();
        string? token = null;
        do
        {
            var page = await world.ReadAsync<DeadLettersAnswer>($"{Path}?limit=10{(token is null ? "" : $"&page_token={token}")}");
            offsets.AddRange(page.DeadLetters.Select(item => item.Source!.Offset));
            token = page.NextPageToken;
            await SendAsync(producer, 0, 100, "bad_price", "LATE", "{}");
        }
        while (token is not null);

        // Records of one partition of the topic are in order; those of different ones by their timestamps.
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), offsets.Order());
    }

    [Fact]
    public async Task Wrong_parameters_are_refused()
    {
        await using var world = await ApiWorld.StartAsync(_redis.Address, _kafka.BootstrapServers);

        const string Mistyped = "AQAAAAAAAAPrAAAAAAAAA-kAAAAAAAAD6nJp7GDg2aAQ";
        foreach (string query in new[] { "limit=0", "limit=101", $"page_token={Mistyped}", "page_token=", "reason=x" })
            await world.ProblemAsync($"{Path}?{query}", HttpStatusCode.BadRequest);
        await world.ReadAsync<DeadLettersAnswer>($"{Path}?page_token={DeadLetterPageToken.Example}");
    }

    [Fact]
    public async Task Without_Kafka_it_is_unknown()
    {
        await using var world = await ApiWorld.StartAsync(_redis.Address, kafka: null);

        await world.ProblemAsync(Path, HttpStatusCode.ServiceUnavailable);

        await world.UntilAsync("/health", health =>
            (string?)health["checks"]!["dead-letters"]!["description"] == $"How many records {Topic} has is not known.");
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Aborted_ones_and_markers_of_transactions_are_none()
    {
        await using var kafka = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
        await new TopicOnKafka(kafka.BootstrapServers, ApiWorld.Topic).CreateAsync();
        await new TopicOnKafka(kafka.BootstrapServers, Topic).CreateAsync();
        using var producer = Producer(kafka.BootstrapServers, "dead-letters");
        producer.InitTransactions(Wait.Limit);
        for (int i = 0; i < 12; i++)
        {
            producer.BeginTransaction();
            await SendAsync(producer, 0, i, "bad_json", "A", "{}");
            if (i % 3 == 0)
                producer.AbortTransaction(Wait.Limit);
            else
                producer.CommitTransaction(Wait.Limit);
        }

        await using var world = await ApiWorld.StartAsync(_redis.Address, kafka.BootstrapServers, fresh: true);
        await world.UntilAsync(Path, answer => (long?)answer["counted"] == 8); // markers come a moment after the answer

        var pages = new List<long>();
        string? token = null;
        do
        {
            var page = await world.ReadAsync<DeadLettersAnswer>($"{Path}?limit=3{(token is null ? "" : $"&page_token={token}")}");
            pages.AddRange(page.DeadLetters.Select(item => item.Source!.Offset));
            token = page.NextPageToken;
        }
        while (token is not null);
        Assert.Equal([11L, 10, 8, 7, 5, 4, 2, 1], pages);
    }

    private static IProducer<byte[]?, byte[]?> Producer(string servers, string? transactionalId = null) =>
        new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = servers, TransactionalId = transactionalId })
            .SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!)
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    private static Task<DeliveryResult<byte[]?, byte[]?>> SendAsync(
        IProducer<byte[]?, byte[]?> producer, int partition, long offset, string reason, string? key, string value)
    {
        var record = new Message<byte[]?, byte[]?>
        {
            Key = key is null ? null : Encoding.UTF8.GetBytes(key),
            Value = Encoding.UTF8.GetBytes(value),
        };
        return producer.ProduceAsync(
            Topic, DeadLetter.Of(record, new TopicPartitionOffset(ApiWorld.Topic, partition, offset), reason, DeadLetterParts.None));
    }
}
