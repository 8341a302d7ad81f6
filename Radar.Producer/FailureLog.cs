using Confluent.Kafka;

namespace Radar.Producer;

/// <summary>Says of failed ticks one per second; the others are counted in the next line.</summary>
internal sealed class FailureLog(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _saidAt;
    private long _unsaid;

    /// <summary>A tick of <paramref name="symbol"/> was not taken.</summary>
    public void Failed(string symbol, Error error)
    {
        long unsaid;
        lock (_lock)
        {
            if (_saidAt is { } saidAt && time.GetElapsedTime(saidAt) < Every)
            {
                _unsaid++;
                return;
            }

            (_saidAt, unsaid, _unsaid) = (time.GetTimestamp(), _unsaid, 0);
        }

        Log.DeliveryFailed(logger, symbol, error.Code.ToString(), error.Reason, unsaid);
    }
}
