using System.Globalization;
using System.Text.Json.Nodes;
using Confluent.Kafka;

namespace Radar.Tests.EndToEnd;

/// <summary>A trade as it is in the topic, in an answer of REST or in the stream; all three must give the same.</summary>
internal sealed record Trade(string Symbol, long TimeMs, decimal Price, decimal Size, string? Id, string? Side, string? Venue)
{
    /// <summary>A record's value.</summary>
    public static Trade OfRecord(JsonNode value) => new(
        (string)value["symbol"]!, (long)value["timestamp"]!, (decimal)value["price"]!, (decimal)value["size"]!,
        value["trade_id"]?.ToJsonString(), (string?)value["side"], (string?)value["venue"]);

    /// <summary>An item of a list of trades, or the data of an event.</summary>
    public static Trade OfItem(string symbol, JsonNode item) => new(
        symbol, DateTimeOffset.Parse((string)item["t"]!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), (decimal)item["p"]!,
        (decimal)item["s"]!, item["i"]?.ToJsonString(), (string?)item["side"], (string?)item["venue"]);
}

/// <summary>Everything that a topic has, read by a client of the test's own.</summary>
internal sealed class TopicLog
{
    private static readonly TimeSpan PollLimit = TimeSpan.FromSeconds(30);

    private readonly List<(int Partition, long Offset, Trade Trade)> _records = [];

    public int Count => _records.Count;

    public IEnumerable<string> Symbols => _records.Select(record => record.Trade.Symbol).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Reads every partition up to where it ends now.</summary>
    public static Task<TopicLog> ReadAsync(string bootstrapServers, string topic) => Task.Run(() => Read(bootstrapServers, topic));

    /// <summary>The trades of a symbol that a state at this position has, in offset order.</summary>
    public IReadOnlyList<Trade> Before(string symbol, (int Partition, long Position) state) =>
    [
        .. _records.Where(record => record.Partition == state.Partition && record.Offset < state.Position)
            .Select(record => record.Trade).Where(trade => trade.Symbol == symbol),
    ];

    private static TopicLog Read(string bootstrapServers, string topic)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "end-to-end-test", // asked for, and not used: nothing is committed
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true, // the last records of a partition may be none that a client gets
        };
        using var consumer = new ConsumerBuilder<string, byte[]>(config)
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var log = new TopicLog();
        foreach (var partition in admin.GetMetadata(topic, PollLimit).Topics.Single().Partitions)
        {
            var place = new TopicPartition(topic, partition.PartitionId);
            var ends = consumer.QueryWatermarkOffsets(place, PollLimit);
            consumer.Assign(new TopicPartitionOffset(place, ends.Low));
            for (long next = ends.Low; next < ends.High;)
            {
                var record = consumer.Consume(PollLimit)
                    ?? throw new TimeoutException($"{place} ends at {ends.High}, and gives nothing from {next} on.");
                if (record.IsPartitionEOF)
                    break;
                next = record.Offset + 1;
                log._records.Add((partition.PartitionId, record.Offset, Trade.OfRecord(JsonNode.Parse(record.Message.Value)!)));
            }
        }

        return log;
    }
}
