using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Api.Freshness;

/// <summary>
/// Reads the Kafka timestamps of single records, for the age of what a state lacks. It joins no group and commits nothing. Not thread-safe:
/// <see cref="LagMeter"/> asks one thing at a time.
/// </summary>
internal sealed class RecordTimestamps(
    KafkaClients clients, IOptions<KafkaOptions> kafka, IOptions<ApiOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.KafkaTimeoutMs);
    private readonly Dictionary<int, (long Offset, long TimestampMs)> _read = [];
    private readonly Lock _lock = new(); // a client must not be disposed of while it reads
    private IConsumer<Ignore, Ignore>? _consumer;
    private bool _disposed;

    /// <summary>
    /// The timestamp of the first record that each partition has from an offset on, Unix ms. Left out where there is none in time, and
    /// where a record has no timestamp.
    /// </summary>
    /// <param name="offsets">By partition; below the partition's end.</param>
    public async Task<IReadOnlyDictionary<int, long>> ReadAsync(IReadOnlyDictionary<int, long> offsets)
    {
        foreach (int partition in _read.Keys.Where(partition => !offsets.ContainsKey(partition)).ToList())
            _read.Remove(partition); // a recreated topic has the same offsets again
        var wanted = offsets.Where(of => !(_read.TryGetValue(of.Key, out var read) && read.Offset == of.Value)).ToDictionary();
        if (wanted.Count > 0)
            await Task.Run(() => Read(wanted));
        return offsets.Where(of => _read.TryGetValue(of.Key, out var read) && read.Offset == of.Value && read.TimestampMs > 0)
            .ToDictionary(of => of.Key, of => _read[of.Key].TimestampMs);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _consumer?.Dispose();
        }
    }

    private void Read(Dictionary<int, long> wanted)
    {
        lock (_lock)
        {
            if (!_disposed)
                ReadWithin(wanted);
        }
    }

    private void ReadWithin(Dictionary<int, long> wanted)
    {
        IConsumer<Ignore, Ignore> consumer = _consumer ??= Connect();
        consumer.Assign(wanted.Select(of => new TopicPartitionOffset(kafka.Value.Topic, of.Key, of.Value)));
        long start = time.GetTimestamp();
        while (wanted.Count > 0 && time.GetElapsedTime(start) < _timeout)
        {
            try
            {
                if (consumer.Consume(PollTime) is { } record && wanted.Remove(record.Partition.Value, out long offset))
                    _read[record.Partition.Value] = (offset, record.Message.Timestamp.UnixTimestampMs);
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                // Retention was faster, or the broker goes away. A partition whose record does not come has no timestamp.
                wanted.Remove(e.ConsumerRecord.Partition.Value);
            }
        }

        consumer.Unassign();
    }

    private IConsumer<Ignore, Ignore> Connect() => clients.Consumer<Ignore, Ignore>(static config =>
    {
        config.GroupId = "radar-lag"; // a consumer must name one
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.IsolationLevel = IsolationLevel.ReadUncommitted; // what an open transaction holds back is missing as well
        config.AutoOffsetReset = AutoOffsetReset.Error;
        config.QueuedMinMessages = 1;
        config.MaxPartitionFetchBytes = 16 * 1024; // a single larger record comes in any case
        config.ConsumeResultFields = "timestamp";
    }).SetErrorHandler(static (_, _) => { }).Build();
}
