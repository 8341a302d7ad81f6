namespace Radar.Producer.Live;

/// <summary>Keeps a distance between what is done, as venues limit it per address. Waiters go in the order in which they came.</summary>
internal sealed class Pace(TimeSpan interval, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _next = new(1); // who holds it has the next turn; the others have none yet that a pause could miss
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _free;
    private int _pauses;

    /// <summary>Waits for this caller's turn.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _next.WaitAsync(cancellationToken);
        try
        {
            for (bool isTurn = false; !isTurn;)
            {
                var (wait, pauses) = Wait();
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, time, cancellationToken);
                isTurn = TryTake(pauses);
            }
        }
        finally
        {
            _next.Release();
        }
    }

    /// <summary>Nobody's turn comes before <paramref name="pause"/> is over: the venue asked for it.</summary>
    public void Pause(TimeSpan pause)
    {
        lock (_lock)
        {
            var until = Now() + pause;
            if (until <= _free)
                return;
            _free = until;
            _pauses++;
        }
    }

    /// <summary>Nobody waits any more.</summary>
    public void Dispose() => _next.Dispose();

    private (TimeSpan Wait, int Pauses) Wait()
    {
        lock (_lock)
            return (_free - Now(), _pauses);
    }

    /// <summary>False where a pause has begun since the wait was worked out.</summary>
    private bool TryTake(int pauses)
    {
        lock (_lock)
        {
            if (pauses != _pauses)
                return false;
            var now = Now();
            _free = (_free > now ? _free : now) + interval;
            return true;
        }
    }

    private TimeSpan Now() => time.GetElapsedTime(_start);
}
