using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// What Redis holds under a key is not what Radar writes: another program wrote it, it was damaged, or it was deleted or evicted.
/// </summary>
/// <param name="key">Its name.</param>
/// <param name="what">What is wrong with it, after its name.</param>
public sealed class DamagedStateException(RedisKey key, string what) : FormatException(
    $"{key} {what}, which Radar does not write. Restore it from a backup, or stop the consumers, then delete the keys "
    + $"{RedisKeys.PatternOf(key)} to rebuild the state.")
{
    /// <summary>The key and what is wrong with it, without what to do.</summary>
    public string Finding { get; } = $"{key} {what}";

    /// <summary>The key.</summary>
    public string Key { get; } = key.ToString();

    /// <summary>Redis refused a command since the key is of another type.</summary>
    internal static bool IsAnotherType(RedisServerException e) => e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);

    /// <summary>The key is of another type.</summary>
    internal static DamagedStateException AnotherType(RedisKey key) => new(key, "is of another type");
}
