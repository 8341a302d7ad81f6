using System.Text;
using Confluent.Kafka;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>A record of a dead-letter topic.</summary>
internal sealed record DeadLetterRecord(byte[]? Key, byte[]? Value, Headers Headers)
{
    public string? KeyText => Key is null ? null : Encoding.UTF8.GetString(Key);

    public string? ValueText => Value is null ? null : Encoding.UTF8.GetString(Value);

    /// <summary>Waits for so many records in partition 0, and reads up to the end.</summary>
    public static List<DeadLetterRecord> Read(string servers, string topic, int count)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(
                new ConsumerConfig { BootstrapServers = servers, GroupId = "dead-letters", EnablePartitionEof = true })
            .SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!).SetLogHandler((_, _) => { })
                .Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var records = new List<DeadLetterRecord>();
        while (true)
        {
            var read = consumer.Consume(Wait.Limit);
            Assert.True(read is not null, $"{records.Count} dead letters of {count}");
            if (!read.IsPartitionEOF)
                records.Add(new DeadLetterRecord(read.Message.Key, read.Message.Value, read.Message.Headers));
            else if (records.Count >= count)
                return records;
        }
    }

    public string? Header(string name) =>
        Headers.TryGetLastBytes(name, out byte[] value) ? Encoding.UTF8.GetString(value) : null;
}
