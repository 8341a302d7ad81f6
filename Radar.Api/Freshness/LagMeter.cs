using System.Collections.Immutable;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.Faults;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>
/// Measures how far the state in Redis is behind the topic: the position from Redis, the end from Kafka. Outside the consumer, so that
/// the measure survives the consumer.
/// </summary>
internal sealed class LagMeter(
    MarketReader reader, TopicEnds topic, RecordTimestamps records, LogEnds logEnds, TimeProvider time,
    IOptions<ApiOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Dictionary<int, PartitionPast> _past = [];
    private Task<LagSample> _measurement = Task.FromResult(LagSample.Empty);
    private long _begun;
    private LagSample? _latest;

    /// <summary>The newest measurement; null where the last one failed or is too old to count.</summary>
    public LagSample? Latest =>
        Volatile.Read(ref _latest) is { } sample && NowMs - sample.TakenMs <= options.Value.LagExpiresMs ? sample : null;

    /// <summary>What is damaged in Redis, where the last measurement failed for that, for health; otherwise null.</summary>
    public string? Damage { get; private set; }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Measures now. Callers that come while one measurement runs share the next one.</summary>
    /// <exception cref="TimeoutException">Redis does not answer; or another of <see cref="StoreFaults"/>.</exception>
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
                Publish(_measurement.IsCompletedSuccessfully ? await _measurement : null);
                Damage = (_measurement.Exception?.InnerException as DamagedStateException)?.Explanation.Public;
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
    /// The age of the oldest record that a state lacks, in ms: 0 where everything that the topic had at the last measurement is in it; null
    /// where that is unknown.
    /// </summary>
    /// <param name="partition">Kafka partition.</param>
    /// <param name="offset">The state's position; null where it has none.</param>
    /// <param name="recordMs">Kafka timestamp of the last record in it, Unix ms; 0 where that is not at hand.</param>
    public long? LagMs(int partition, long? offset, long recordMs) =>
        Latest is { } sample && partition < sample.Partitions.Length ? sample.Partitions[partition].LagMs(offset, recordMs, NowMs) : null;

    public void Dispose() => _oneAtATime.Dispose();

    private void Publish(LagSample? sample)
    {
        Volatile.Write(ref _latest, sample);
        if (sample is null)
            logEnds.Clear();
        else
            logEnds.Publish([.. sample.Partitions.Select(static partition => partition.End)], sample.TakenMs);
    }

    private async Task<LagSample> MeasureAsync()
    {
        int partitions = await topic.PartitionsAsync();
        if (partitions == 0)
            throw new MissingTopicException(topic.Topic);

        // Positions first, then ends: what arrives in between makes the lag too large for a moment, never too small. A lag of 0 means that
        // nothing which was acknowledged before the question is missing; and a position past its end means that the log is another one.
        var layout = await reader.LayoutAsync();
        var identity = new TopicIdentity(topic.Topic, layout?.Identity.Id is null ? null : await topic.IdAsync(), partitions);
        var positions = layout is { } known ? await reader.PositionsAsync(known) : [];
        long nowMs = NowMs;
        long[] ends = await topic.EndsAsync(partitions);
        long[] readable = await topic.ReadableEndsAsync(partitions);
        bool allStored = positions.Length >= partitions && !positions.AsSpan(0, partitions).Contains(null);
        long[] starts = allStored ? [] : await topic.StartsAsync(partitions);

        var states = Enumerable.Range(0, partitions).Select(partition =>
        {
            var position = partition < positions.Length ? positions[partition] : null;
            string? difference = position?.Identity.DifferenceTo(identity);
            bool foreign = difference is not null || position?.Offset > ends[partition];
            return (Partition: partition, Stored: position, From: position?.Offset ?? starts[partition], Foreign: foreign,
                Difference: difference);
        }).ToList();
        var missing = states.Where(state => !state.Foreign && state.From < ends[state.Partition])
            .ToDictionary(state => state.Partition, state => state.From);
        var timestamps = await records.ReadAsync(missing);

        var lags = ImmutableArray.CreateBuilder<LagSample.Partition>(partitions);
        foreach (var (partition, stored, from, foreign, difference) in states)
        {
            long held = Math.Max(0, ends[partition] - Math.Max(from, readable[partition]));
            long? oldestMs = timestamps.TryGetValue(partition, out long ms) ? ms : null;
            lags.Add(Lag(partition, stored, from, ends[partition], foreign, nowMs, oldestMs) with { HeldBack = foreign ? 0 : held,
                Difference = difference });
        }

        return new LagSample(nowMs, lags.MoveToImmutable());
    }

    private LagSample.Partition Lag(
        int partition, PartitionPosition? stored, long position, long end, bool foreign, long nowMs, long? oldestMs)
    {
        if (!_past.TryGetValue(partition, out var past))
            _past[partition] = past = new PartitionPast(end, nowMs);
        past.See(end, nowMs);

        // Nothing of a recreated log is in the state, whatever the numbers look like.
        long messages = foreign ? end : end - position;
        if (messages == 0)
        {
            past.CaughtUpMs = nowMs;
            return new LagSample.Partition(
                partition, position, end, 0, 0, 0, past.EndBefore, past.EndBeforeMs, foreign, stored is not null);
        }

        // A timestamp that could not be read is after that of the last applied record, and after what was seen of the log before.
        long since = oldestMs ?? Math.Max(
            Math.Max(Math.Min(stored?.RecordMs ?? 0, nowMs), past.CaughtUpMs), position >= past.EndBefore ? past.EndBeforeMs : 0);
        if (since == 0 && !foreign)
            throw new UnreadRecordException($"record {position} of partition {partition} of {topic.Topic} was not read in time.");
        double seconds = Math.Max(0, nowMs - since) / 1000.0;
        return new LagSample.Partition(
            partition, position, end, messages, foreign && since == 0 ? 0 : seconds, since, past.EndBefore, past.EndBeforeMs, foreign,
            stored is not null);
    }

    /// <summary>What was seen of a partition; times in Unix ms.</summary>
    private sealed class PartitionPast(long end, long nowMs)
    {
        private long _end = end;
        private long _endMs = nowMs;

        /// <summary>When nothing was missing, for the last time; 0 before the first.</summary>
        public long CaughtUpMs { get; set; }

        /// <summary>Previous distinct end offset.</summary>
        public long EndBefore { get; private set; } = long.MaxValue;

        /// <summary>When the log was last seen to end there.</summary>
        public long EndBeforeMs { get; private set; }

        public void See(long end, long nowMs)
        {
            if (end != _end)
                (EndBefore, EndBeforeMs) = (_end, _endMs);
            (_end, _endMs) = (end, nowMs);
        }
    }
}
