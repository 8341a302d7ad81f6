using System.Collections.Immutable;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Freshness;

/// <summary>
/// Measures how far the state in Redis is behind the topic: the position from Redis, the end from Kafka. Outside the consumer, so that
/// the measure survives the consumer.
/// </summary>
internal sealed class LagMeter(MarketReader reader, TopicEnds topic, TimeProvider time, IOptions<ApiOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Dictionary<int, long> _caughtUpMs = [];
    private Task<LagSample> _measurement = Task.FromResult(LagSample.Empty);
    private long _begun;
    private LagSample? _latest;

    /// <summary>The newest measurement; null where the last one failed or is too old to say anything.</summary>
    public LagSample? Latest =>
        Volatile.Read(ref _latest) is { } sample && NowMs - sample.TakenMs <= options.Value.LagExpiresMs ? sample : null;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Measures now. Callers who come while one measurement runs share the next one.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="KafkaException">Kafka does not answer, or the topic does not exist yet.</exception>
    public async Task<LagSample> MeasureAsync(CancellationToken cancellationToken)
    {
        long before = Interlocked.Read(ref _begun);
        Task<LagSample> measurement;
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // One that began after this call is as good as one of our own.
            if (Interlocked.Read(ref _begun) == before)
            {
                Interlocked.Increment(ref _begun);
                _measurement = MeasureAsync();
                await ((Task)_measurement).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Volatile.Write(ref _latest, _measurement.IsCompletedSuccessfully ? await _measurement : null);
            }

            measurement = _measurement;
        }
        finally
        {
            _oneAtATime.Release();
        }

        return await measurement;
    }

    /// <summary>
    /// How old a state is, in ms: 0 where everything that the topic had at the last measurement is in it; null where that is unknown.
    /// </summary>
    /// <param name="partition">Whose.</param>
    /// <param name="offset">The state's position.</param>
    /// <param name="recordMs">Kafka timestamp of the last record in it, Unix ms; 0 where that is not at hand.</param>
    public long? LagMs(int partition, long offset, long recordMs)
    {
        if (Latest is not { } sample || partition >= sample.Partitions.Length || sample.Partitions[partition] is not { Foreign: false } lag)
            return null;
        return offset >= lag.End ? 0 : Math.Max(0, NowMs - Math.Max(recordMs, lag.CurrentMs));
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<LagSample> MeasureAsync()
    {
        int partitions = await topic.PartitionsAsync();
        if (partitions == 0)
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"Topic {topic.Topic} does not exist yet."));

        // Positions first, then ends: what arrives in between makes the lag too large for a moment, never too small. A lag of 0 means that
        // nothing which was acknowledged before the question is missing; and a position past its end means that the log is another one.
        var positions = await reader.LayoutAsync() is { } layout ? await reader.PositionsAsync(layout) : [];
        long[] ends = await topic.EndsAsync(partitions);
        bool allStored = positions.Length >= partitions && !positions.AsSpan(0, partitions).Contains(null);
        long[] starts = allStored ? [] : await topic.StartsAsync(partitions);

        long nowMs = NowMs;
        var lags = ImmutableArray.CreateBuilder<LagSample.Partition>(partitions);
        for (int partition = 0; partition < partitions; partition++)
        {
            var stored = partition < positions.Length ? positions[partition] : null;
            lags.Add(Lag(partition, stored, stored?.Offset ?? starts[partition], ends[partition], nowMs));
        }

        return new LagSample(nowMs, lags.MoveToImmutable());
    }

    private LagSample.Partition Lag(int partition, PartitionPosition? stored, long position, long end, long nowMs)
    {
        // Nothing of a log that was made anew is in the state, whatever the numbers look like.
        bool foreign = position > end;
        long messages = foreign ? end : end - position;
        if (messages == 0 && !foreign)
            _caughtUpMs[partition] = nowMs;

        // Who was never seen to be caught up and has applied nothing is behind since we first looked, at least.
        long knownMs = _caughtUpMs.TryGetValue(partition, out long caughtUpMs) ? caughtUpMs : 0;
        long currentMs = Math.Max(stored?.RecordMs ?? 0, knownMs);
        if (currentMs == 0)
            _caughtUpMs[partition] = currentMs = nowMs;
        double seconds = messages == 0 ? 0 : Math.Max(0, nowMs - currentMs) / 1000.0;
        return new LagSample.Partition(partition, position, end, messages, seconds, currentMs, foreign, Stored: stored is not null);
    }
}

/// <summary>One measurement.</summary>
/// <param name="TakenMs">When, Unix ms.</param>
/// <param name="Partitions">Every partition of the topic, by number.</param>
internal sealed record LagSample(long TakenMs, ImmutableArray<LagSample.Partition> Partitions)
{
    public static readonly LagSample Empty = new(0, []);

    /// <summary>Records that the state does not have.</summary>
    public long Messages => Partitions.Sum(partition => partition.Messages);

    /// <summary>The worst partition's lag in time.</summary>
    public double Seconds => Partitions.IsEmpty ? 0 : Partitions.Max(partition => partition.Seconds);

    /// <summary>One partition's lag.</summary>
    /// <param name="Number">Partition.</param>
    /// <param name="Position">The next record to apply; where nothing is stored, the first that the log has.</param>
    /// <param name="End">The offset after the last committed record.</param>
    /// <param name="Messages">Records between them.</param>
    /// <param name="Seconds">0 where there are none; otherwise the time since <paramref name="CurrentMs"/>.</param>
    /// <param name="CurrentMs">When the state was last known to be current, Unix ms: the Kafka timestamp of the last applied record, or the
    /// last measurement without a lag, whichever is later.</param>
    /// <param name="Stored">There is a state.</param>
    /// <param name="Foreign">The position is past the end: the state was made from another log than this one.</param>
    public readonly record struct Partition(
        int Number, long Position, long End, long Messages, double Seconds, long CurrentMs, bool Foreign, bool Stored);
}
