namespace Radar.ServiceDefaults;

/// <summary>Lets one line per interval through, and counts those that it suppresses. Any thread.</summary>
public sealed class ThrottledLog(TimeProvider time, TimeSpan every)
{
    private readonly Lock _lock = new();
    private long? _loggedAt;
    private long _suppressed;

    /// <summary>Whether a line is due; <paramref name="suppressed"/> is how many were suppressed since the last one.</summary>
    public bool IsDue(out long suppressed)
    {
        lock (_lock)
        {
            suppressed = _suppressed;
            if (_loggedAt is { } loggedAt && time.GetElapsedTime(loggedAt) < every)
            {
                _suppressed++;
                return false;
            }

            (_loggedAt, _suppressed) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
