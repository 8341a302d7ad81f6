namespace Radar.Producer.Live;

/// <summary>Keeps a distance between what is done, as venues limit it per address. Waiters go in the order in which they came.</summary>
internal sealed class Pace(TimeSpan interval, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _free;

    /// <summary>Waits for this caller's turn.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetElapsedTime(_start);
            var turn = _free > now ? _free : now;
            _free = turn + interval;
            wait = turn - now;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Nobody's turn comes before <paramref name="pause"/> is over: the venue asked for it.</summary>
    public void Pause(TimeSpan pause)
    {
        lock (_lock)
        {
            var until = time.GetElapsedTime(_start) + pause;
            if (until > _free)
                _free = until;
        }
    }
}
