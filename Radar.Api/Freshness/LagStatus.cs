using Microsoft.Extensions.Options;

namespace Radar.Api.Freshness;

/// <summary>
/// Whether the lag is too large, without flapping around the limit: it becomes so at once, and is no longer only after
/// <see cref="GoodSamplesMin"/> measurements in a row under <see cref="ReturnShare"/> of the limit. Any thread.
/// </summary>
internal sealed class LagStatus(IOptions<ApiOptions> options)
{
    /// <summary>Measurements in a row.</summary>
    public const int GoodSamplesMin = 3;

    /// <summary>Of the limit.</summary>
    public const double ReturnShare = 0.8;

    private readonly Lock _gate = new();
    private long _takenMs = -1;
    private bool _isBehind;
    private int _goodSamples;

    /// <summary>Takes the newest measurement; one that was taken before changes nothing.</summary>
    /// <param name="sample">Null where the lag is unknown.</param>
    /// <returns>What it amounts to.</returns>
    public LagVerdict Take(LagSample? sample)
    {
        lock (_gate)
        {
            if (sample is null)
            {
                // Before the first measurement there is nothing to return to.
                (_isBehind, _goodSamples) = (_takenMs >= 0, 0);
                return new LagVerdict(IsBehind: true, GoodSamples: 0);
            }

            if (sample.TakenMs > _takenMs)
            {
                double limit = options.Value.StaleAfterMs / 1000.0;
                _takenMs = sample.TakenMs;
                _goodSamples = sample.Seconds <= limit * ReturnShare ? _goodSamples + 1 : 0;
                _isBehind = sample.Seconds > limit || (_isBehind && _goodSamples < GoodSamplesMin);
            }

            return new LagVerdict(_isBehind, _goodSamples);
        }
    }
}

/// <summary>What the lag amounts to.</summary>
/// <param name="IsBehind">It is too large, or was a moment ago, or is unknown.</param>
/// <param name="GoodSamples">Measurements in a row that were well under the limit.</param>
internal readonly record struct LagVerdict(bool IsBehind, int GoodSamples);
