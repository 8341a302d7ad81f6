namespace Radar.ServiceDefaults;

/// <summary>How long to wait before the next attempt: twice as long after each failure in a row, up to a limit. One user.</summary>
/// <param name="first">The wait after the first failure.</param>
/// <param name="max">The longest wait.</param>
/// <param name="random">
/// From 0 to 1, the part of the wait that is taken, so that many clients of a server that was away do not come back at one moment; null
/// takes all of it.
/// </param>
public sealed class Backoff(TimeSpan first, TimeSpan max, Func<double>? random = null)
{
    private const int DoublingsMax = 30;

    private int _failures;

    /// <summary>The wait after one more failure.</summary>
    public TimeSpan Next()
    {
        double limitMs = Math.Min(max.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, _failures));
        _failures = Math.Min(_failures + 1, DoublingsMax);
        return TimeSpan.FromMilliseconds(random is null ? limitMs : limitMs * random());
    }

    /// <summary>It works again.</summary>
    public void Reset() => _failures = 0;
}
