using System.Globalization;

namespace Radar.Api.Limits;

/// <summary>What a caller gets.</summary>
/// <param name="PerSecond">Units per second, over all replicas; more than 0.</param>
/// <param name="Burst">The most that it keeps.</param>
internal sealed record Budget(double PerSecond, double Burst)
{
    /// <summary>What the dearest request costs at once.</summary>
    public const int CostMax = 10;

    private const double BurstSeconds = 4;

    /// <summary>Null where there is no limit.</summary>
    public static Budget? Of(int perSecond, int? burst) =>
        perSecond == 0 ? null : new Budget(perSecond, Math.Max(CostMax, burst ?? (perSecond * BurstSeconds)));

    /// <summary>The same as the header <c>RateLimit-Policy</c> has it: the burst, and the seconds in which it fills.</summary>
    public string Policy { get; } = string.Create(
        CultureInfo.InvariantCulture, $"\"default\";q={Math.Floor(Burst)};w={Math.Ceiling(Burst / PerSecond)}");

    /// <summary>Units that a replica leases at a time: enough for some round trips to Redis, and not the others' part.</summary>
    public double Lease => Math.Clamp(PerSecond / 20, CostMax, Math.Max(CostMax, Burst / 4));

    /// <summary>Units that a replica may spend before they are leased: some of the dearest requests in a row, in any case.</summary>
    public double Credit => Math.Max(Lease, Math.Min(3 * CostMax, Burst));
}
