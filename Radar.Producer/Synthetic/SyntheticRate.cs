namespace Radar.Producer.Synthetic;

/// <summary>Ticks per second of the synthetic source: as configured, or as somebody wants it for a while. Any thread.</summary>
/// <param name="configured">Ticks per second; 0 is as fast as possible.</param>
/// <param name="time">Says when a while is over.</param>
internal sealed class SyntheticRate(double configured, TimeProvider time)
{
    private volatile Change? _change;

    /// <summary>The configured rate.</summary>
    public double Configured => configured;

    /// <summary>What holds now.</summary>
    public double PerSecond
    {
        get
        {
            if (_change is not { } change)
                return configured;
            if (change.Duration is not { } duration || time.GetElapsedTime(change.Since) < duration)
                return change.PerSecond;
            Interlocked.CompareExchange(ref _change, null, change);
            return configured;
        }
    }

    /// <summary>Sets the rate, for <paramref name="duration"/> or, where that is null, until it is set again.</summary>
    public void Set(double perSecond, TimeSpan? duration) => _change = new Change(perSecond, time.GetTimestamp(), duration);

    /// <summary>Back to what is configured.</summary>
    public void Reset() => _change = null;

    private sealed record Change(double PerSecond, long Since, TimeSpan? Duration);
}
