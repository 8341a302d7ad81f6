using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// What Redis holds under a key is not what Radar writes: another program wrote it, it was damaged, or it was deleted or evicted. The
/// message is for the log; <see cref="Explanation"/> has what others may see.
/// </summary>
/// <param name="key">Its name.</param>
/// <param name="what">What is wrong with it, after its name.</param>
public sealed class DamagedStateException(RedisKey key, string what) : FormatException(
    $"{key} {what}, which Radar does not write. Restore it from a backup, or {StateRebuild.Of(RedisKeys.PatternOf(key)).Detailed}.")
{
    /// <summary>What is damaged, without what to do: the partition and the part of the state; for the log, the key.</summary>
    public Explanation Finding { get; } = new(PartOf(key) + " in Redis", $"{key} {what}");

    /// <summary>The same with what to do.</summary>
    public Explanation Explanation => new(
        $"{Finding.Public}; the log names the key. Restore it from a backup, or "
        + $"{StateRebuild.Of(RedisKeys.PatternOf(key)).Public}.",
        Message);

    /// <summary>The key.</summary>
    public string Key { get; } = key.ToString();

    /// <summary>Redis refused a command since the key is of another type.</summary>
    internal static bool IsAnotherType(RedisServerException e) => e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);

    /// <summary>The key is of another type.</summary>
    internal static DamagedStateException AnotherType(RedisKey key) => new(key, "is of another type");

    private static string PartOf(RedisKey key)
    {
        if (RedisKeys.TryParse(key) is not var (keys, _))
            return "The name of the epoch that is served is damaged";
        string part = key.ToString().Split("}:", 2)[^1].Split(':')[0] switch
        {
            "position" => "the position is",
            "latest" => "the latest values are",
            "days" => "the figures of the day are",
            "trades" => "the trades of a symbol are",
            "bars" => "the bars of a symbol are",
            _ => "the state is",
        };
        return string.Create(CultureInfo.InvariantCulture, $"Partition {keys.Partition}: {part} damaged");
    }
}
