using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Api.Freshness;

/// <summary>
/// Reads the Kafka timestamps of single records, for the age of what a state lacks; those of open transactions too, which are missing as
/// well. Not thread-safe: <see cref="LagMeter"/> asks one thing at a time.
/// </summary>
internal sealed class RecordTimestamps(
    KafkaClients clients, IOptions<KafkaOptions> kafka, IOptions<ApiOptions> options, TimeProvider time) : IDisposable
{
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.KafkaTimeoutMs);
    private readonly Dictionary<int, (long Offset, long TimestampMs)> _read = [];
    private readonly LogConsumer<Ignore, Ignore> _log = new(
        clients, "radar-lag", "timestamp", IsolationLevel.ReadUncommitted,
        static config => config.MaxPartitionFetchBytes = 16 * 1024); // a single larger record comes in any case

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

    public void Dispose() => _log.Dispose();

    private void Read(Dictionary<int, long> wanted) => _log.Read(
        wanted.Select(of => new TopicPartitionOffset(kafka.Value.Topic, of.Key, of.Value)).ToList(),
        consumer =>
        {
            long start = time.GetTimestamp();
            while (wanted.Count > 0 && time.GetElapsedTime(start) < _timeout)
                ReadNext(consumer, wanted);
            return wanted.Count == 0;
        });

    private void ReadNext(IConsumer<Ignore, Ignore> consumer, Dictionary<int, long> wanted)
    {
        try
        {
            if (consumer.Consume(LogConsumer<Ignore, Ignore>.PollTime) is { } record
                && wanted.Remove(record.Partition.Value, out long offset))
                _read[record.Partition.Value] = (offset, record.Message.Timestamp.UnixTimestampMs);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // Retention was faster, or the broker goes away. A partition whose record does not come has no timestamp.
            wanted.Remove(e.ConsumerRecord.Partition.Value);
        }
    }
}
