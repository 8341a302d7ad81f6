namespace Radar.Producer.Synthetic;

/// <summary>
/// Releases events at a rate, without drift: the n-th is due n ÷ rate seconds after the first. A changed rate starts over.
/// </summary>
internal sealed class SteadyRate(SyntheticRate rate, TimeProvider time)
{
    /// <summary>What was missed for longer than this is not made up for: a machine that slept does not wake to a flood.</summary>
    private const double CatchUpSeconds = 1;

    // Shorter waits cost more than they smooth: 1 ms is about what an operating system's timer can do.
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    // How soon a changed rate is noticed.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(100);

    private double _perSecond = -1;
    private long _start;
    private long _released;

    /// <summary>Waits until at least one event is due; returns how many are, at most <paramref name="max"/>.</summary>
    public async ValueTask<int> TakeAsync(int max, CancellationToken cancellationToken)
    {
        while (true)
        {
            double perSecond = rate.PerSecond;
            if (perSecond != _perSecond)
            {
                _perSecond = perSecond;
                Restart();
            }

            if (perSecond <= 0)
                return max; // as fast as possible
            double seconds = time.GetElapsedTime(_start).TotalSeconds;
            long due = 1 + (long)Math.Floor(seconds * perSecond) - _released; // the first is due at once
            if (due > 0)
            {
                int taken = (int)Math.Min(due, max);
                _released += taken;
                if (due - taken > CatchUpSeconds * perSecond)
                    Restart();
                return taken;
            }

            var wait = TimeSpan.FromSeconds(Math.Min((_released / perSecond) - seconds, WaitMax.TotalSeconds));
            await Task.Delay(wait > WaitMin ? wait : WaitMin, time, cancellationToken);
        }
    }

    private void Restart()
    {
        _start = time.GetTimestamp();
        _released = 0;
    }
}
