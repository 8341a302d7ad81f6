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
    private readonly Dictionary<int, PartitionPast> _past = [];
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
    /// <param name="offset">The state's position; null where it has none.</param>
    /// <param name="recordMs">Kafka timestamp of the last record in it, Unix ms; 0 where that is not at hand.</param>
    public long? LagMs(int partition, long? offset, long recordMs) =>
        Latest is { } sample && partition < sample.Partitions.Length ? sample.Partitions[partition].LagMs(offset, recordMs, NowMs) : null;

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<LagSample> MeasureAsync()
    {
        int partitions = await topic.PartitionsAsync();
        if (partitions == 0)
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"Topic {topic.Topic} does not exist yet."));

        // Positions first, then ends: what arrives in between makes the lag too large for a moment, never too small. A lag of 0 means that
        // nothing which was acknowledged before the question is missing; and a position past its end means that the log is another one.
        var layout = await reader.LayoutAsync();
        var identity = new TopicIdentity(topic.Topic, layout?.Identity.Id is null ? null : await topic.IdAsync(), partitions);
        var positions = layout is { } stored ? await reader.PositionsAsync(stored) : [];
        long nowMs = NowMs;
        long[] ends = await topic.EndsAsync(partitions);
        bool allStored = positions.Length >= partitions && !positions.AsSpan(0, partitions).Contains(null);
        long[] starts = allStored ? [] : await topic.StartsAsync(partitions);

        var lags = ImmutableArray.CreateBuilder<LagSample.Partition>(partitions);
        for (int partition = 0; partition < partitions; partition++)
        {
            var position = partition < positions.Length ? positions[partition] : null;
            bool foreign = position is { } state && (state.Offset > ends[partition] || !state.Identity.Matches(identity));
            lags.Add(Lag(partition, position, position?.Offset ?? starts[partition], ends[partition], foreign, nowMs));
        }

        return new LagSample(nowMs, lags.MoveToImmutable());
    }

    private LagSample.Partition Lag(int partition, PartitionPosition? stored, long position, long end, bool foreign, long nowMs)
    {
        if (!_past.TryGetValue(partition, out var past))
            _past[partition] = past = new PartitionPast(position, end, nowMs);
        past.See(position, end, nowMs);

        // Nothing of a log that was made anew is in the state, whatever the numbers look like.
        long messages = foreign ? end : end - position;
        if (messages == 0 && !foreign)
            past.CaughtUpMs = nowMs;

        // A record whose clock is ahead of ours was applied when it was first seen to be. Who was never seen to be caught up and has applied
        // nothing is behind since we first looked, at least.
        long currentMs = Math.Max(Math.Min(stored?.RecordMs ?? 0, past.PositionMs), past.CaughtUpMs);
        if (currentMs == 0)
            past.CaughtUpMs = currentMs = nowMs;
        double seconds = messages == 0 ? 0 : Math.Max(0, nowMs - currentMs) / 1000.0;
        return new LagSample.Partition(
            partition, position, end, messages, seconds, currentMs, past.EndBefore, past.EndBeforeMs, foreign, Stored: stored is not null);
    }

    /// <summary>When a partition was measured to be where; times in Unix ms.</summary>
    private sealed class PartitionPast(long position, long end, long nowMs)
    {
        private long _position = position;
        private long _end = end;
        private long _endMs = nowMs;

        /// <summary>When the state was first seen at its position.</summary>
        public long PositionMs { get; private set; } = nowMs;

        /// <summary>When nothing was missing, for the last time; 0 before the first.</summary>
        public long CaughtUpMs { get; set; }

        /// <summary>The last end that was another one.</summary>
        public long EndBefore { get; private set; } = long.MaxValue;

        /// <summary>When the log was last seen to end there.</summary>
        public long EndBeforeMs { get; private set; }

        public void See(long position, long end, long nowMs)
        {
            if (position != _position)
                (_position, PositionMs) = (position, nowMs);
            if (end != _end)
                (EndBefore, EndBeforeMs) = (_end, _endMs);
            (_end, _endMs) = (end, nowMs);
        }
    }
}
