using Radar.Market.Store;

namespace Radar.Tests.Market.Store;

internal static class ProjectionExtensions
{
    /// <summary>Adds and writes a whole batch.</summary>
    public static Task<BatchResult> ApplyAsync(
        this PartitionProjection projection, ReadOnlyMemory<AppliedTick> batch, PartitionPosition next)
    {
        foreach (AppliedTick tick in batch.Span)
            projection.Add(tick);
        return projection.WriteAsync(next);
    }
}
