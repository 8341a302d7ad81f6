namespace Radar.ServiceDefaults;

/// <summary>Lets one line per interval through, and counts those that it does not. Any thread.</summary>
public sealed class SparseLog(TimeProvider time, TimeSpan every)
{
    private readonly Lock _lock = new();
    private long? _saidAt;
    private long _unsaid;

    /// <summary>Whether a line is due; <paramref name="unsaid"/> is how many were not since the last one.</summary>
    public bool IsDue(out long unsaid)
    {
        lock (_lock)
        {
            unsaid = _unsaid;
            if (_saidAt is { } saidAt && time.GetElapsedTime(saidAt) < every)
            {
                _unsaid++;
                return false;
            }

            (_saidAt, _unsaid) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
