using Microsoft.Extensions.Options;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>Says of an answer how fresh it is.</summary>
internal sealed class Staleness(LagMeter meter, IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>What an answer made from <paramref name="location"/> says of itself.</summary>
    public Meta Of(SymbolLocation location)
    {
        long? lagMs = LagMs(location);
        return new Meta(
            AnswerVersion.Of(location),
            location.TimestampMs,
            AgeMs: time.GetUtcNow().ToUnixTimeMilliseconds() - location.TimestampMs,
            lagMs,
            Stale: lagMs is null || lagMs > options.Value.StaleAfterMs);
    }

    /// <summary>How far the state behind <paramref name="location"/> is behind the topic, in ms; null where that is unknown.</summary>
    public long? LagMs(SymbolLocation location) => meter.LagMs(location.Keys.Partition, location.Position);

    /// <summary>The worst partition's lag in ms, for what may be in any of them; null where one is unknown.</summary>
    public long? WorstLagMs()
    {
        if (meter.Latest is not { } sample || sample.Partitions.Any(partition => partition.Foreign))
            return null;
        return (long)(sample.Seconds * 1000);
    }
}
