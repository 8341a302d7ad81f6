using System.Net;
using System.Threading.RateLimiting;

namespace Radar.Api.Http.Access;

/// <summary>How often an address may show a wrong key, token or ticket; one that goes on is answered with 429.</summary>
internal sealed class WrongCredentials : IDisposable
{
    private const int PerSecond = 10;
    private const int Burst = 100;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        static address => RateLimitPartition.GetTokenBucketLimiter(address, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Burst, TokensPerPeriod = PerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), AutoReplenishment = true,
        }));

    /// <summary>Counts one; false where there were too many.</summary>
    public bool TryCount(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(Of(context));
        return lease.IsAcquired;
    }

    /// <summary>Whether there were too many.</summary>
    public bool AreTooMany(HttpContext context) => _limiter.GetStatistics(Of(context))?.CurrentAvailablePermits == 0;

    public void Dispose() => _limiter.Dispose();

    private static IPAddress Of(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;
}
