using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Radar.Market.Store;

/// <summary>
/// One way in which the state of a partition may differ from the fold over the whole log: what is missing, since when, and the remedy.
/// Written beside the position by the consumer that finds it; no restart loses it.
/// </summary>
/// <param name="Partition">Kafka partition.</param>
/// <param name="Reason">One of <see cref="IntegrityMarks"/>'s reasons.</param>
/// <param name="From">First offset that is missing; null where that is unknown.</param>
/// <param name="To">The offset after the last missing one; null where that is unknown.</param>
/// <param name="Start">From when on records are missing, by their Kafka timestamps; null is the beginning of the topic.</param>
/// <param name="End">Until when; null where more may go missing.</param>
/// <param name="Since">When it was found. All times are in UTC.</param>
/// <param name="Detail">What happened and what to do, for people.</param>
/// <param name="Key">The damaged key in Redis, which is not served; null where nothing is damaged.</param>
public sealed record IntegrityMark(
    int Partition, string Reason, long? From, long? To, DateTime? Start, DateTime? End, DateTime Since, string Detail, string? Key = null)
{
    /// <summary>Nothing was lost: the topic no longer had its beginning when the state was begun.</summary>
    [JsonIgnore]
    public bool IsLateBegin => Reason == IntegrityMarks.LogStart;
}

/// <summary>
/// Reads and adds to <see cref="PartitionPosition.Incomplete"/>: a JSON array of <see cref="IntegrityMark"/>.
/// </summary>
public static class IntegrityMarks
{
    /// <summary>The topic's retention deleted records before they were applied.</summary>
    public const string Retention = "retention";

    /// <summary>The state was begun when the topic no longer had its beginning.</summary>
    public const string LogStart = "log_start";

    /// <summary>The topic is compacted: the broker deletes records that a newer one of the same key follows, applied or not.</summary>
    public const string Compaction = "compaction";

    /// <summary>
    /// What Redis holds is not what was written. With <see cref="IntegrityMark.To"/> the state is rebuilt from the log, and whole again
    /// from that position on; without, the log does not have all of it.
    /// </summary>
    public const string Damage = "damage";

    /// <summary>
    /// Kafka lost the end of the partition's log: the state has records that the topic lost, and not those that took their offsets.
    /// </summary>
    public const string Truncation = "truncation";

    /// <summary>More are joined, the oldest two of a reason first, so that a state that lost something each day does not grow.</summary>
    private const int MarksMax = 8;

    /// <summary>Reads them; null is none.</summary>
    /// <exception cref="FormatException">They are not what Radar writes.</exception>
    public static IReadOnlyList<IntegrityMark> Read(string? stored)
    {
        if (string.IsNullOrEmpty(stored))
            return [];
        try
        {
            return JsonSerializer.Deserialize(stored, IntegrityJson.Default.IReadOnlyListIntegrityMark) is { } marks
                && marks.All(mark => mark is { Reason: not null, Detail: not null })
                ? marks
                : throw new FormatException("A mark is missing.");
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>True where <see cref="Read"/> would read it.</summary>
    public static bool IsWellFormed(string stored)
    {
        try
        {
            return Read(stored).Count > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The stored marks with one more.</summary>
    public static string Add(string? stored, IntegrityMark mark)
    {
        List<IntegrityMark> marks = [.. Read(stored), mark];
        while (marks.Count > MarksMax)
        {
            IntegrityMark first = marks.GroupBy(one => one.Reason).MaxBy(same => same.Count())!.First();
            int second = marks.FindIndex(marks.IndexOf(first) + 1, one => one.Reason == first.Reason);
            marks[second] = marks[second] with { From = first.From, Start = first.Start, Since = first.Since };
            marks.Remove(first);
        }

        return Write(marks)!;
    }

    /// <summary>The stored marks without those whose records no bar that is kept would have any more.</summary>
    /// <param name="stored">Null is none.</param>
    /// <param name="oldestBarMs">Unix ms before which no bar is kept.</param>
    /// <returns>Null where none is left.</returns>
    public static string? Without(string? stored, long oldestBarMs)
    {
        var marks = Read(stored);
        List<IntegrityMark> kept =
            [.. marks.Where(mark => mark.End is not { } end || new DateTimeOffset(end).ToUnixTimeMilliseconds() >= oldestBarMs)];
        return kept.Count == marks.Count ? stored : Write(kept);
    }

    /// <summary>The stored marks without those of a reason; null where none is left.</summary>
    public static string? Without(string? stored, string reason) =>
        Find(stored, reason) is null ? stored : Write([.. Read(stored).Where(mark => mark.Reason != reason)]);

    /// <summary>The stored marks as they are served: without the names of keys. Null is none.</summary>
    public static string? Served(string? stored) => Read(stored) is var marks && marks.Any(mark => mark.Key is not null)
        ? Write([.. marks.Select(mark => mark with { Key = null })])
        : stored;

    /// <summary>The first mark of a reason; null where there is none.</summary>
    public static IntegrityMark? Find(string? stored, string reason) => Read(stored).FirstOrDefault(mark => mark.Reason == reason);

    /// <summary>
    /// The sentence with which health reports partitions' marks; null where nothing was lost. That a state was begun late is no fault of
    /// its own.
    /// </summary>
    public static string? Summary(IEnumerable<string?> stored)
    {
        List<IntegrityMark> lost = [.. stored.SelectMany(Read).Where(mark => !mark.IsLateBegin)];
        if (lost is not [var first, ..])
            return null;
        int partitions = lost.Select(mark => mark.Partition).Distinct().Count();
        string others = partitions > 1 ? string.Create(CultureInfo.InvariantCulture, $" (and {partitions - 1} more partitions)") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The state of partition {first.Partition}{others} is incomplete since {first.Since:yyyy-MM-dd'T'HH:mm:ss'Z'}, "
            + $"{first.Reason}: {first.Detail}");
    }

    private static string? Write(List<IntegrityMark> marks) =>
        marks.Count == 0 ? null : JsonSerializer.Serialize(marks, IntegrityJson.Default.IReadOnlyListIntegrityMark);

    /// <summary>One array of several partitions' arrays; null where none has any.</summary>
    public static string? Join(IEnumerable<string?> stored)
    {
        string joined = string.Join(',', stored.Where(marks => marks is { Length: > 2 }).Select(marks => marks![1..^1]));
        return joined.Length == 0 ? null : $"[{joined}]";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<IntegrityMark>))]
internal sealed partial class IntegrityJson : JsonSerializerContext;
