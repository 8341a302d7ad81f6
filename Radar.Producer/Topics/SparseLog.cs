namespace Radar.Producer.Topics;

/// <summary>Lets one line per ten seconds through, and counts those that it does not.</summary>
internal sealed class SparseLog(TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private long? _saidAt;
    private long _unsaid;

    /// <summary>Whether a line is due; <paramref name="unsaid"/> is how many were not since the last one.</summary>
    public bool IsDue(out long unsaid)
    {
        unsaid = _unsaid;
        if (_saidAt is { } saidAt && time.GetElapsedTime(saidAt) < Every)
        {
            _unsaid++;
            return false;
        }

        (_saidAt, _unsaid) = (time.GetTimestamp(), 0);
        return true;
    }
}
