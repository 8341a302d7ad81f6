namespace Radar.Producer.Live;

/// <summary>
/// How long to wait before the next attempt: anything between nothing and a limit that doubles with each failure, so that many clients of
/// a venue that was away do not come back at one moment.
/// </summary>
internal sealed class Backoff(int firstMs, int maxMs, Func<double> random)
{
    private int _failures;

    /// <summary>The wait after one more failure.</summary>
    public TimeSpan Next()
    {
        double limitMs = Math.Min(maxMs, firstMs * Math.Pow(2, Math.Min(_failures++, 30)));
        return TimeSpan.FromMilliseconds(limitMs * random());
    }

    /// <summary>It works again.</summary>
    public void Reset() => _failures = 0;
}
