using Radar.Api.Freshness;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;

namespace Radar.Api.Http.Answers;

/// <summary>Holds requests to the largest lag that their clients accept.</summary>
internal sealed class FreshnessGuard(Staleness staleness)
{
    /// <summary>Measures again where the last measurement is older than the client accepts; before the read.</summary>
    /// <param name="maxStalenessMs">Largest lag that the client accepts; null accepts any and an unknown one.</param>
    /// <param name="deadline">Of the request.</param>
    /// <param name="request">The request.</param>
    /// <returns>A problem where it is unknown how far the state is behind.</returns>
    public async ValueTask<ProblemResult?> MeasureAsync(long? maxStalenessMs, Deadline deadline, HttpContext request)
    {
        if (maxStalenessMs is not { } max || !staleness.HasToMeasure(max))
            return null;
        try
        {
            return await deadline.WithinAsync(staleness.TryMeasureAsync(request.RequestAborted), "Kafka or Redis") ? null
                : Check(null, max);
        }
        catch (DeadlineException)
        {
            return Check(null, max);
        }
    }

    /// <summary>A problem where the lag is unknown or larger than the client accepts.</summary>
    public static ProblemResult? Check(long? lagMs, long? maxStalenessMs) =>
        maxStalenessMs is { } max && Staleness.Refusal(lagMs, max) is { } refusal
            ? Problems.Unavailable(refusal, Parameters.MaxStalenessMs.Name)
            : null;
}
