using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>Says of an answer how fresh it is.</summary>
internal sealed class Staleness(LagMeter meter, LiveBoard board, IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>What an answer made from <paramref name="location"/> reports of itself.</summary>
    public Meta Of(SymbolLocation location)
    {
        long? lagMs = LagMs(location);
        return new Meta(
            AnswerVersion.Of(location),
            location.TimestampMs,
            AgeMs(location.TimestampMs),
            lagMs,
            IsStale(lagMs),
            location.Position.Incomplete,
            StoredRecord.TraceParentOf(location.Latest) is { IsEmpty: false } sent ? TraceParent.TraceId(sent) : default);
    }

    /// <summary>
    /// The same of an answer that serves the newest event up to some time, or, with null, none. Only the latest has its trace stored.
    /// </summary>
    public Meta Of(SymbolLocation location, long? eventTimeMs)
    {
        Meta latest = Of(location);
        return eventTimeMs == location.TimestampMs
            ? latest
            : latest with { EventTimeMs = eventTimeMs, AgeMs = AgeMs(eventTimeMs), Trace = default };
    }

    /// <summary>What an answer from several partitions reports of itself.</summary>
    /// <param name="version">Positions of all partitions.</param>
    /// <param name="eventTimeMs">Of the newest event that is served, Unix ms; null where none is.</param>
    public ListMeta Of(BoardVersion version, long? eventTimeMs)
    {
        long? lagMs = LagMs(version);
        return new ListMeta(version, eventTimeMs, AgeMs(eventTimeMs), lagMs, IsStale(lagMs));
    }

    /// <summary>The worst partition's lag in ms; null where one is unknown.</summary>
    public long? LagMs(BoardVersion version)
    {
        // What has nothing lacks whatever any partition of the topic has.
        int partitions = version.Positions.IsEmpty ? meter.Latest?.Partitions.Length ?? 0 : version.Positions.Length;
        long? worst = partitions == 0 ? null : 0;
        for (int partition = 0; partition < partitions; partition++)
        {
            long? lagMs = version.Positions.IsEmpty ? LagMs(partition, null, 0)
                : LagMs(partition, version.Positions[partition], version.RecordMs[partition]);
            worst = lagMs is null || worst is null ? null : Math.Max(worst.Value, lagMs.Value);
        }

        return worst;
    }

    /// <summary>
    /// True where the last measurement is older than the client accepts: what it found to be current may be behind by now. Measuring again
    /// comes before the read, which then has everything that was acknowledged before the request, or is refused.
    /// </summary>
    public bool HasToMeasure(long? maxStalenessMs) =>
        maxStalenessMs is { } max && meter.Latest is { } sample && time.GetUtcNow().ToUnixTimeMilliseconds() - sample.TakenMs > max;

    /// <summary>Measures how far the state is behind.</summary>
    /// <returns>False where Kafka or Redis does not answer in time.</returns>
    public async Task<bool> TryMeasureAsync(CancellationToken cancellationToken)
    {
        try
        {
            await meter.MeasureAsync(cancellationToken)
                .WaitAsync(TimeSpan.FromMilliseconds(options.Value.KafkaTimeoutMs), time, cancellationToken);
            return true;
        }
        catch (Exception e) when (StoreFaults.IsAway(e) || e is KafkaException)
        {
            return false;
        }
    }

    /// <summary>Why a state is too stale for a client, in a sentence; null where it is not.</summary>
    /// <param name="lagMs">How far it is behind the topic; null where that is unknown.</param>
    /// <param name="maxStalenessMs">Largest lag that the client accepts.</param>
    public static string? Refusal(long? lagMs, long maxStalenessMs) =>
        lagMs is null ? "It is unknown how far the state is behind the topic, and max_staleness_ms was given."
        : lagMs > maxStalenessMs ? $"The state is {lagMs} ms behind the topic, and max_staleness_ms allows {maxStalenessMs}."
        : null;

    /// <summary>How far the state behind <paramref name="location"/> is behind the topic, in ms; null where that is unknown.</summary>
    public long? LagMs(SymbolLocation location) => LagMs(location.Keys.Partition, location.Position.Offset, location.Position.RecordMs);

    /// <summary>The worst partition's lag in ms, for what may be in any of them; null where one is unknown.</summary>
    public long? WorstLagMs() => LagMs(board.Status.Version);

    /// <summary>
    /// True where a symbol that was not found may be in what the state lacks: a partition is too far behind, or it is unknown how far, and
    /// <paramref name="lagMs"/> is null then. A board that does not follow every partition leaves the question to Redis.
    /// </summary>
    public bool MayLackSymbols(out long? lagMs)
    {
        BoardStatus status = board.Status;
        return IsStale(lagMs = status.IsInSync || status.IsAnyUnconfirmed ? WorstLagMs() : meter.Latest is { } redis ? redis.LagMs : null);
    }

    private long? LagMs(int partition, long? offset, long recordMs) =>
        board.Status.IsUnconfirmed(partition) ? null : meter.LagMs(partition, offset, recordMs);

    private bool IsStale(long? lagMs) => lagMs is null || lagMs > options.Value.StaleAfterMs;

    private long? AgeMs(long? eventTimeMs) => time.GetUtcNow().ToUnixTimeMilliseconds() - eventTimeMs;
}
