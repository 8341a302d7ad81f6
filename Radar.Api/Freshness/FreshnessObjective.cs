using Microsoft.Extensions.Options;

namespace Radar.Api.Freshness;

/// <summary>
/// The service level that this API process keeps to: <see cref="ApiOptions.ObjectivePercent"/> of the events are visible within
/// <see cref="ApiOptions.ObjectiveMs"/> of their Kafka timestamp, over <see cref="ApiOptions.ObjectiveDays"/>. It remembers what happened
/// since the process began; longer histories are the job of the metrics store.
/// </summary>
internal sealed class FreshnessObjective(IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>Windows over which the burn rate is taken: pairs of them distinguish a steady burn from one that is over.</summary>
    public static readonly IReadOnlyList<BurnWindow> Windows =
    [
        new("5m", TimeSpan.FromMinutes(5)), new("30m", TimeSpan.FromMinutes(30)), new("1h", TimeSpan.FromHours(1)),
        new("6h", TimeSpan.FromHours(6)), new("3d", TimeSpan.FromDays(3)),
    ];

    private static readonly TimeSpan FineMax = TimeSpan.FromHours(6);

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly SlidingCounts _fine = new(time, TimeSpan.FromSeconds(10), FineMax);
    private readonly SlidingCounts _coarse = new(time, TimeSpan.FromMinutes(10), LongestOf(options.Value));

    /// <summary>The share of events that must be in time, 0 to 1.</summary>
    public double Target => options.Value.ObjectivePercent / 100;

    /// <summary>In time is within this.</summary>
    public TimeSpan Limit => TimeSpan.FromMilliseconds(options.Value.ObjectiveMs);

    /// <summary>The time over which the share is taken.</summary>
    public TimeSpan Period => TimeSpan.FromDays(options.Value.ObjectiveDays);

    /// <summary>How long has been counted.</summary>
    public TimeSpan Age => time.GetElapsedTime(_began);

    /// <summary>Events became visible.</summary>
    public void Add(long met, long missed)
    {
        lock (_gate)
        {
            _fine.Add(met, missed);
            _coarse.Add(met, missed);
        }
    }

    /// <summary>Events of the last <paramref name="window"/>.</summary>
    public (long Met, long Missed) Counts(TimeSpan window)
    {
        lock (_gate)
            return (window <= FineMax ? _fine : _coarse).Sum(window);
    }

    /// <summary>
    /// How many times faster than allowed the error budget was used up: 1 uses all of it in exactly the period, 0 nothing.
    /// </summary>
    /// <param name="window">The time to look at, or as much of it as was counted.</param>
    /// <param name="waiting">Events that are too late already, and not visible yet.</param>
    public double BurnRate(TimeSpan window, long waiting)
    {
        var (met, missed) = Counts(window);
        long all = met + missed + waiting;
        return all == 0 ? 0 : (missed + waiting) / (double)all / (1 - Target);
    }

    /// <summary>
    /// Events that the topic has and the state lacks for longer than the limit. Without them a path that stands still would look like one
    /// on which nothing happens.
    /// </summary>
    public long Waiting(LagSample? sample) => sample is null ? 0 : sample.Partitions
        .Where(partition => !partition.Foreign && partition.Seconds > Limit.TotalSeconds)
        .Sum(partition => partition.Messages);

    private static TimeSpan LongestOf(ApiOptions options) =>
        TimeSpan.FromTicks(Math.Max(TimeSpan.FromDays(options.ObjectiveDays).Ticks, Windows[^1].Length.Ticks));
}

/// <summary>A time over which a burn rate is taken.</summary>
/// <param name="Name">As metrics name it.</param>
/// <param name="Length">How long it is.</param>
internal readonly record struct BurnWindow(string Name, TimeSpan Length);
