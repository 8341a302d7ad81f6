using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Consumer;

/// <summary>Settings of the consumer; section <c>Consumer</c>.</summary>
public sealed class ConsumerOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Consumer";

    /// <summary>
    /// Records in the inbox of one partition's processor. Four times as many may overflow, as long as their bytes are below
    /// <see cref="QueueBytesMax"/>, before the partition is paused.
    /// </summary>
    [Range(100, 1_000_000)]
    public int QueueRecordsMax { get; set; } = 16_384;

    /// <summary>
    /// Bytes of records in the inbox of one partition's processor. As many may overflow before the partition is paused, and a processor
    /// holds as many refused ones.
    /// </summary>
    [Range(65_536, 1_073_741_824)]
    public long QueueBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>Records that one write may hold.</summary>
    [Range(1, 100_000)]
    public int BatchRecordsMax { get; set; } = 16_384;

    /// <summary>Symbols that one write may touch. A write of 2,000 symbols keeps a Redis busy for some 30 ms.</summary>
    [Range(1, 20_000)]
    public int BatchSymbolsMax { get; set; } = 2_000;

    /// <summary>How far, in seconds, an event's time may lie ahead of its record and of this machine's clock.</summary>
    [Range(0, 86_400)]
    public int FutureToleranceSeconds { get; set; } = 300;

    /// <summary>Seconds that a revoked partition's last write is waited for.</summary>
    [Range(0, 60)]
    public int HandOverSeconds { get; set; } = 5;

    /// <summary>
    /// How often applied offsets are committed to the group, in milliseconds. Nothing in Radar's state depends on it; tools see lag by it,
    /// and a producer with <c>Producer:UnconsumedBytesMax</c> waits for it.
    /// </summary>
    [Range(10, 60_000)]
    public int CommitIntervalMs { get; set; } = 1_000;

    /// <summary>
    /// A name that no other consumer of the group has and that this one keeps when it is restarted, such as that of a pod in a stateful
    /// set: restarted, it has its partitions back at once. Until its session times out no other consumer gets them, stopped or not. Null is
    /// no name.
    /// </summary>
    [RegularExpression("[A-Za-z0-9._-]{1,100}")]
    public string? InstanceName { get; set; }

    /// <summary>Epoch to write; null takes the active one.</summary>
    [RegularExpression("[A-Za-z0-9]{1,16}")]
    public string? Epoch { get; set; }
}

/// <summary>Checks <see cref="ConsumerOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ConsumerOptionsValidator : IValidateOptions<ConsumerOptions>;
