using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>
/// Keeps the unconsumed ticks of every partition below <see cref="ProducerOptions.UnconsumedBytesMax"/>, for brokers that
/// drop the oldest records of a full partition.
/// </summary>
/// <remarks>
/// Unconsumed in partition p = acknowledged end of p − offset committed by the group. A tick on its way may reach any partition, so
/// every partition is charged with all of them. Acknowledgements and commits only ever lower that sum; a credit once computed can
/// therefore be used without another look. Offsets are read from the broker when the credit is used up, so the consumer may be in any
/// process. Used by the sender; <see cref="Acknowledged"/> comes from Kafka's delivery threads.
/// </remarks>
internal sealed class Backpressure(
    GuardedAdmin admin,
    KafkaClients clients,
    IOptions<ProducerOptions> options,
    IOptions<KafkaOptions> kafka,
    ProducerMetrics metrics,
    TimeProvider time,
    ILogger<Backpressure> logger) : IDisposable
{
    /// <summary>
    /// What the broker stores beside key and value: a record's own fields and a traceparent header (about 95 bytes), and a batch's
    /// header of 61, which a record bears alone where batches hold one.
    /// </summary>
    private const int OverheadBytes = 160;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan CommittedTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UnknownEvery = TimeSpan.FromSeconds(30);

    private readonly long _bytesMax = options.Value.UnconsumedBytesMax;
    private readonly string _group = kafka.Value.ConsumerGroup;
    private readonly ThrottledLog _unknownLog = new(time, UnknownEvery);
    private readonly GroupCommits _commits = new(clients, kafka);
    private long[] _ends = [];
    private long[] _consumed = [];
    private TopicPartition[] _partitions = [];
    private long _loggedAt = long.MinValue;

    /// <summary>False where there is no limit.</summary>
    public bool IsOn => _bytesMax > 0;

    /// <summary>Reads where the partitions end and where the group stands. Retries until the broker answers.</summary>
    public async Task OpenAsync(int partitions, CancellationToken cancellationToken)
    {
        if (!IsOn)
            return;
        _partitions = [.. Enumerable.Range(0, partitions).Select(partition => new TopicPartition(kafka.Value.Topic, partition))];
        _ends = new long[partitions];
        _consumed = new long[partitions];
        while (!await TryOffsetsAsync(OffsetSpec.Earliest(), _consumed) || !await TryOffsetsAsync(OffsetSpec.Latest(), _ends))
            await Task.Delay(Pause * 50, time, cancellationToken);
        await RefreshAsync();
    }

    /// <summary>The broker has stored a tick at <paramref name="offset"/>.</summary>
    public void Acknowledged(int partition, long offset)
    {
        if (!IsOn)
            return;
        long end = Volatile.Read(ref _ends[partition]);
        while (offset >= end && Interlocked.CompareExchange(ref _ends[partition], offset + 1, end) is var seen && seen != end)
            end = seen;
    }

    /// <summary>
    /// How many ticks may be sent before asking again; 0 or less is none. A limit below the size of one tick lets one at a time through.
    /// </summary>
    /// <param name="inFlight">Ticks on their way, counted before the acknowledged ends are read.</param>
    /// <param name="bytes">Key and value of the largest tick.</param>
    public long Credit(long inFlight, int bytes) =>
        IsOn ? Math.Max(1, _bytesMax / (bytes + OverheadBytes)) - inFlight - Fullest().Unconsumed : long.MaxValue;

    /// <summary>Waits until <paramref name="credit"/> is at least one tick.</summary>
    public async Task WaitAsync(Func<long> credit, CancellationToken cancellationToken)
    {
        long since = time.GetTimestamp();
        while (true)
        {
            await RefreshAsync();
            if (credit() > 0)
                break;
            if (_loggedAt == long.MinValue)
                _loggedAt = since;
            if (time.GetElapsedTime(_loggedAt) >= LogEvery)
            {
                _loggedAt = time.GetTimestamp();
                var (partition, unconsumed) = Fullest();
                Log.HeldBack(logger, (int)time.GetElapsedTime(since).TotalSeconds, partition, unconsumed, _group, _bytesMax);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        metrics.HeldBack(time.GetElapsedTime(since));
    }

    /// <summary>Frees the client that reads the group's offsets.</summary>
    public void Dispose() => _commits.Dispose();

    private (int Partition, long Unconsumed) Fullest()
    {
        int fullest = 0;
        long most = 0;
        for (int partition = 0; partition < _ends.Length; partition++)
        {
            long unconsumed = Volatile.Read(ref _ends[partition]) - _consumed[partition];
            if (unconsumed > most)
                (fullest, most) = (partition, unconsumed);
        }

        return (fullest, most);
    }

    /// <summary>Reads what the group has committed. What it never committed counts as unconsumed.</summary>
    private async Task RefreshAsync()
    {
        try
        {
            foreach (var committed in await _commits.ReadAsync(_partitions, CommittedTimeout))
            {
                if (committed.Offset.Value > _consumed[committed.Partition])
                    _consumed[committed.Partition] = committed.Offset.Value;
            }
        }
        catch (KafkaException e)
        {
            OffsetsUnknown(e.Error);
        }
    }

    private void OffsetsUnknown(Error error)
    {
        if (_unknownLog.IsDue(out _))
            Log.OffsetsUnknown(logger, clients.Servers, _group, clients.Reason(error).Detailed);
    }

    private async Task<bool> TryOffsetsAsync(OffsetSpec spec, long[] offsets)
    {
        try
        {
            (await admin.OffsetsAsync(_partitions, spec, CommittedTimeout)).CopyTo(offsets, 0);
            return true;
        }
        catch (KafkaException e)
        {
            OffsetsUnknown(e.Error);
            return false;
        }
    }
}
