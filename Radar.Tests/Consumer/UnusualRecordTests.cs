using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>Records that nobody would send, and what the consumer makes of them: no record stops a partition.</summary>
public sealed class UnusualRecordTests : IAsyncLifetime
{
    private const string Topic = EmbeddedWorld.Topic;
    private readonly EmbeddedWorld _world = new(partitions: 1);
    private readonly LogLines _lines = new();

    public Task InitializeAsync() => _world.StartAsync();

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _lines.Dispose();
    }

    [Fact]
    public async Task No_record_stops_its_partition_whatever_its_key_value_headers_timestamp_and_size()
    {
        WebApplication consumer = await _world.Path.StartConsumerAsync();
        var names = new NameTable();
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        int refused = 0, rounds = 0;
        OddRecords(now).Array[150].Sample(
            records =>
            {
                Send(records);
                refused += records.Count(record => TickRecord.TryRead(
                    record.Key, record.Value, record.Timestamp.UnixTimestampMs, now, 300_000, names, out _) != TickRefusal.None);
                string marker = $"MARKER{rounds++}";
                Send([Tick(marker, 1, now)]);
                string? health = PartitionsAsync(consumer).GetAwaiter().GetResult().Description;
                Wait.UntilAsync(
                    async () => (await _world.Api.GetAsync(new Uri($"/api/v1/ticker/{marker}", UriKind.Relative))).IsSuccessStatusCode,
                    $"the record behind {records.Length} odd ones is applied; {health}").GetAwaiter().GetResult();
            },
            iter: 8, threads: 1);

        Assert.True(refused > 100, $"{refused} records were odd enough to be refused");
        Assert.Equal(refused, _world.ReadDeadLetters(refused).Count);
        Assert.Equal(HealthStatus.Healthy, (await PartitionsAsync(consumer)).Status);
    }

    [Fact]
    public async Task Record_that_fails_unexpectedly_goes_to_the_dead_letters_after_three_tries()
    {
        const string Fatal = "0123456789abcdef0123456789abcdef";
        int tries = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Consumer,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            {
                if (options.Parent.TraceId.ToHexString() != Fatal)
                    return ActivitySamplingResult.None;
                Interlocked.Increment(ref tries);
                throw new InvalidTimeZoneException("as good as any");
            },
        };
        ActivitySource.AddActivityListener(listener);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var fatal = Tick("A", 2, now);
        fatal.Headers = new() { { TelemetryNames.TraceParent, Encoding.ASCII.GetBytes($"00-{Fatal}-0123456789abcdef-01") } };
        Send([Tick("A", 1, now), fatal, Tick("A", 3, now)]);

        WebApplication consumer = _world.Path.BuildConsumer("--Logging:LogLevel:Radar.Consumer=Information");
        consumer.Services.GetRequiredService<ILoggerFactory>().AddProvider(_lines);
        await consumer.StartAsync();
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(
            [1m, 3m], (await RadarPath.AllAsync(_world.Api, "/api/v2/trades/A?limit=10", "trades")).Select(trade => (decimal)trade["p"]!));
        var deadLetter = Assert.Single(_world.ReadDeadLetters(1));
        Assert.Equal(("InvalidTimeZoneException", "1"), (deadLetter.Header("radar.reason"), deadLetter.Header("radar.offset")));
        Assert.Equal(fatal.Value, deadLetter.Value);
        Assert.Equal(3, tries);
        Assert.Contains(
            "Error: Partition 0 offset 1 failed 3 times (InvalidTimeZoneException) and goes to the dead letters.", _lines.Text,
            StringComparison.Ordinal);
        HealthReportEntry health = default;
        await Wait.UntilAsync(
            async () => (health = await PartitionsAsync(consumer)).Description!.StartsWith("The record", StringComparison.Ordinal),
            "health names the record");
        Assert.Equal(
            (
                HealthStatus.Degraded,
                "The record at offset 1 of partition 0 failed 3 times and went to the dead letters; see the log."),
            (health.Status, health.Description));
    }

    [Fact]
    public async Task Symbols_past_the_limit_go_to_the_dead_letters_and_known_ones_are_never_refused()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        WebApplication first = await _world.Path.StartConsumerAsync("--Projection:SymbolsMax=3");
        Send([.. "ABCDAE".Select((symbol, i) => Tick(symbol.ToString(), i + 1, now + i))]);
        await RadarPath.BacklogAppliedAsync(_world.Api);
        HealthReportEntry health = await PartitionsAsync(first);
        await _world.Path.StopAsync(first);
        await _world.Path.StartConsumerAsync("--Projection:SymbolsMax=3");
        Send([.. "CFA".Select((symbol, i) => Tick(symbol.ToString(), i + 1, now + 10 + i))]);
        await RadarPath.BacklogAppliedAsync(_world.Api);

        Assert.Equal(6, await _world.Path.CountAsync());
        Assert.Equal(
            [("D", "too_many_symbols"), ("E", "too_many_symbols"), ("F", "too_many_symbols")],
            _world.ReadDeadLetters(3).Select(deadLetter => (deadLetter.KeyText!, deadLetter.Header("radar.reason")!)));
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("Projection:SymbolsMax", health.Description, StringComparison.Ordinal);
    }

    private static Message<byte[]?, byte[]?> Tick(string symbol, int price, long timestampMs) => new()
    {
        Key = Encoding.UTF8.GetBytes(symbol),
        Value = Encoding.UTF8.GetBytes($$"""{"symbol":"{{symbol}}","price":{{price}},"timestamp":{{timestampMs}}}"""),
    };

    private static Gen<Message<byte[]?, byte[]?>> OddRecords(long now)
    {
        byte[] whole = Tick("ODD", 7, now).Value!;
        var bytes = Gen.Byte.Array[0, 40];
        var mangled =
            from at in Gen.Int[0, whole.Length - 1]
            from with in Gen.Byte
            select (byte[]?)[.. whole[..at], with, .. whole[(at + 1)..]];
        var value = Gen.OneOf(
            Gen.Const((byte[]?)null!), Gen.Const<byte[]?>(whole), mangled, bytes.Select(some => (byte[]?)some),
            Gen.Int[1, 90].Select(depth => (byte[]?)Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth))),
            Gen.Int[64_900, 65_600].Select(length => length % 40 > 0 ? 10 : length).Select(
                length => (byte[]?)[.. whole[..^1], .. Encoding.UTF8.GetBytes(",\"x\":\"" + new string('x', length) + "\"}")]),
            Gen.Int[1, 1_000].Select(digits => (byte[]?)Encoding.UTF8.GetBytes(
                $$"""{"symbol":"ODD","price":{{new string('9', digits)}}e-{{digits}},"timestamp":{{now}}}""")));
        var key = Gen.OneOf(
            Gen.Const((byte[]?)null!), Gen.Const<byte[]?>("ODD"u8.ToArray()), bytes.Select(some => (byte[]?)some),
            Gen.Const<byte[]?>(new byte[5_000]));
        var header =
            from name in Gen.OneOf(
                Gen.Const(TelemetryNames.TraceParent), Gen.Const(""), Gen.String[0, 20], Gen.Const(new string('n', 3_000)),
                Gen.Const("radar.reason"))
            from text in Gen.OneOf(
                Gen.Const((byte[]?)null!), bytes.Select(some => (byte[]?)some), Gen.Const<byte[]?>(
                    "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"u8.ToArray()),
                Gen.Const<byte[]?>("00-0123456789ABCDEF0123456789abcdef-0123456789abcdef-01"u8.ToArray()))
            select new Header(name, text);
        var time = Gen.OneOf(Gen.Const(now), Gen.Const(-1L), Gen.Const(1L), Gen.Const(now + 86_400_000L));
        return
            from k in key
            from v in value
            from headers in header.Array[0, 5]
            from ms in time
            select Message(k, v, headers, ms);

        static Message<byte[]?, byte[]?> Message(byte[]? key, byte[]? value, Header[] headers, long ms)
        {
            var message = new Message<byte[]?,
            byte[]?> { Key = key, Value = value, Timestamp = new Timestamp(ms, TimestampType.CreateTime), Headers = new() };
            foreach (Header header in headers)
                message.Headers.Add(header);
            return message;
        }
    }

    private static async Task<HealthReportEntry> PartitionsAsync(WebApplication consumer) =>
        (await consumer.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["lanes"];

    private void Send(IEnumerable<Message<byte[]?, byte[]?>> messages)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = _world.Kafka.BootstrapServers })
            .SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!).SetLogHandler((_, _) => { }).Build();
        foreach (var message in messages)
            producer.Produce(new TopicPartition(Topic, 0), message);
        producer.Flush(Wait.Limit);
    }
}
