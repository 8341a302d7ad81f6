using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>When a recorded tick is due: as long after the first as it was then, divided by the speed.</summary>
internal sealed class ReplayPace(double speed, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);

    // A century: what lies further off at a small speed, or by a wrong time, would not fit a TimeSpan.
    private const double FarMs = 100 * 365.25 * 86_400_000;

    private long? _start;
    private long _firstMs;

    /// <summary>The next tick is the first of a new round.</summary>
    public void Restart() => _start = null;

    /// <summary>True where a tick of this time is due.</summary>
    public bool IsDue(long timestampMs) => speed <= 0 || Left(timestampMs) <= TimeSpan.Zero;

    /// <summary>Waits until a tick of this time is due.</summary>
    public async Task WaitAsync(long timestampMs, CancellationToken cancellationToken)
    {
        var left = Left(timestampMs);
        if (left > LongWait)
            Log.LongWait(logger, left, Rfc3339.Format(timestampMs), speed);
        for (; left > TimeSpan.Zero; left = Left(timestampMs))
            await Task.Delay(left < WaitMin ? WaitMin : left > WaitMax ? WaitMax : left, time, cancellationToken);
    }

    private TimeSpan Left(long timestampMs)
    {
        if (_start is null)
            (_start, _firstMs) = (time.GetTimestamp(), timestampMs);
        return TimeSpan.FromMilliseconds(Math.Clamp((timestampMs - _firstMs) / speed, -FarMs, FarMs)) - time.GetElapsedTime(_start.Value);
    }
}
