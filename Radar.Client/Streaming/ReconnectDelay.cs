namespace Radar.Client.Streaming;

/// <summary>How long to wait before the next attempt.</summary>
/// <param name="first">Longest wait before the first.</param>
/// <param name="max">Longest wait before any.</param>
/// <param name="random">From 0 to 1.</param>
internal sealed class ReconnectDelay(TimeSpan first, TimeSpan max, Func<double> random)
{
    /// <summary>Longest wait that is granted to the API. It may ask for an hour; but then it is more likely to be mistaken.</summary>
    public static readonly TimeSpan AskedMax = TimeSpan.FromMinutes(5);

    private TimeSpan _asked;

    /// <summary>Attempts that have failed since the last connection that held.</summary>
    public int Failures { get; private set; }

    /// <summary>The API asks to wait at least so long, until there is a connection again.</summary>
    public void Ask(TimeSpan atLeast) => _asked = atLeast < AskedMax ? atLeast : AskedMax;

    /// <summary>The wait after a failure: what the API asks for, and a random part that grows with every failure.</summary>
    public TimeSpan Next()
    {
        Failures++;
        double longest = Math.Min(max.Ticks, first.Ticks * Math.Pow(2, Math.Min(Failures - 1, 62)));
        return _asked + TimeSpan.FromTicks((long)(longest * random()));
    }

    /// <summary>The wait after a stop that the API announced: exactly as announced, since each client is given another one.</summary>
    public TimeSpan Announced(TimeSpan wait)
    {
        Failures = 0;
        return wait < AskedMax ? wait : AskedMax;
    }

    /// <summary>There is a connection.</summary>
    public void Connected() => _asked = TimeSpan.Zero;

    /// <summary>
    /// A connection ends that has held for <paramref name="held"/>. Only one that outlasted the longest wait makes good for the failures
    /// before it: an API that accepts and then drops every client would otherwise be asked again without pause.
    /// </summary>
    public void Ended(TimeSpan held)
    {
        if (held >= max)
            Failures = 0;
    }
}
