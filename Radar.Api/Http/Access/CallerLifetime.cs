namespace Radar.Api.Http.Access;

/// <summary>Ends a stream when its key is revoked, changed or over, or its token is.</summary>
internal static class CallerLifetime
{
    /// <summary>A timer waits for 49 days at most; a client whose stream ends before its token resumes it.</summary>
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(40);

    /// <summary>Aborts the connection then; disposing of what is returned ends the watch.</summary>
    public static IDisposable? End(HttpContext context, TimeProvider time)
    {
        if (Caller.Of(context) is not { } caller)
            return null;
        if (caller.Credential.Expires is not { } expires) // a key that is over is ended
            return caller.Ended.Register(context.Abort);
        var left = TimeSpan.FromTicks(Math.Clamp((expires - time.GetUtcNow()).Ticks, 0, TimerMax.Ticks));
        return time.CreateTimer(static state => ((HttpContext)state!).Abort(), context, left, Timeout.InfiniteTimeSpan);
    }
}
