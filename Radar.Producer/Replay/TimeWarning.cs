namespace Radar.Producer.Replay;

/// <summary>Warns of times that were read, and may be others.</summary>
internal static class TimeWarning
{
    private const long PlausibleMs = 946_684_800_000; // the year 2000: what is older is rarer than a unit mistaken for another

    /// <summary>A warning, for people and without a full stop, where the first trade is older than files of trades are; or null.</summary>
    /// <param name="firstMs">Its time, Unix ms; negative where it is not known.</param>
    /// <param name="orElse">What to set where it is not so.</param>
    public static string? OfOld(long firstMs, string orElse) => firstMs is < 0 or >= PlausibleMs
        ? null
        : $"its first trade is of the year {DateTime.UnixEpoch.AddMilliseconds(firstMs).Year}; if that is not so, {orElse}";
}
