namespace Radar.Consumer.Partitions;

/// <summary>Events that are much older than their records: replays of old recordings, or times in another unit.</summary>
internal static class OldEvents
{
    private const long TenYearsMs = 10L * 366 * 86_400_000;

    /// <summary>Whether an event is more than ten years before its record.</summary>
    /// <param name="eventMs">Unix ms.</param>
    /// <param name="recordMs">Kafka's timestamp, Unix ms; not above 0 where there is none.</param>
    public static bool IsOld(long eventMs, long recordMs) => recordMs - eventMs > TenYearsMs;

    /// <summary>The unit in which the event's time would be within ten years of its record, or null.</summary>
    public static string? LikelyUnit(long eventMs, long recordMs) =>
        IsNear(eventMs, 1000, recordMs) ? "seconds"
        : IsNear(eventMs, 60_000, recordMs) ? "minutes"
        : IsNear(eventMs, 86_400_000, recordMs) ? "days"
        : null;

    private static bool IsNear(long time, long msPerUnit, long recordMs) => Math.Abs(recordMs - ((decimal)time * msPerUnit)) < TenYearsMs;
}
