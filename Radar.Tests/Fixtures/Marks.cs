using Radar.Market.Store;

namespace Radar.Tests.Fixtures;

/// <summary>Integrity marks as a consumer writes them.</summary>
internal static class Marks
{
    public static readonly DateTime Found = new(2026, 11, 28, 18, 0, 0, DateTimeKind.Utc);

    /// <summary>Records 10 to 19 of partition 0 are missing.</summary>
    public static string Hole => IntegrityMarks.Add(null, Retention(10, 20));

    public static IntegrityMark Retention(long from, long to, int partition = 0) =>
        new(partition, IntegrityMarks.Retention, from, to, Found.AddHours(-2), Found.AddHours(-1), Found, "Records are missing.");
}
