namespace Radar.Producer;

/// <summary>The producer's log lines.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Source: {Description}.")]
    public static partial void Source(ILogger logger, string description);

    [LoggerMessage(2, LogLevel.Information,
        "Sent: {Acknowledged} ticks acknowledged, {Failed} failed, {Unacknowledged} without an answer; {Skipped} lines were no trades"
            + ", {Broken} were broken.")]
    public static partial void Totals(ILogger logger, long acknowledged, long failed, long unacknowledged, long skipped, long broken);

    [LoggerMessage(3, LogLevel.Error,
        "A tick of {Symbol} was not taken by Kafka: {Code} ({Reason}). {Suppressed} more failed since the last such line.")]
    public static partial void DeliveryFailed(ILogger logger, string symbol, string code, string reason, long suppressed);

    [LoggerMessage(4, LogLevel.Error,
        "Stopping with {Count} ticks that Kafka has not acknowledged within {FlushMs} ms (Producer:FlushMs); they may be lost.")]
    public static partial void Unacknowledged(ILogger logger, long count, int flushMs);

    [LoggerMessage(5, LogLevel.Information,
        "Held back for {Seconds} s: partition {Partition} holds {Count} ticks that consumer group {Group} has not consumed"
            + ", the limit is {BytesMax} bytes (Producer:UnconsumedBytesMax).")]
    public static partial void HeldBack(ILogger logger, int seconds, int partition, long count, string group, long bytesMax);

    [LoggerMessage(6, LogLevel.Warning,
        "Kafka at {Address} does not return the offsets of consumer group {Group} ({Reason}); the source waits for them.")]
    public static partial void OffsetsUnknown(ILogger logger, string address, string group, string reason);

    [LoggerMessage(7, LogLevel.Warning, "{File}, line {Line} is broken and left out: {Reason}.")]
    public static partial void BrokenLine(ILogger logger, string file, long line, string reason);

    [LoggerMessage(8, LogLevel.Information, "{File}: {Ticks} ticks, {Skipped} lines were no trades, {Broken} were broken.")]
    public static partial void FileDone(ILogger logger, string file, long ticks, long skipped, long broken);

    [LoggerMessage(9, LogLevel.Information,
        "Replay at its end: {Ticks} ticks from {Files} files, {Skipped} lines were no trades, {Broken} were broken.")]
    public static partial void ReplayDone(ILogger logger, long ticks, int files, long skipped, long broken);

    [LoggerMessage(10, LogLevel.Information, "Replay begins again (Producer:Replay:Loop).")]
    public static partial void ReplayAgain(ILogger logger);

    [LoggerMessage(11, LogLevel.Warning, "{File} is left out: {Reason}.")]
    public static partial void FileLeftOut(ILogger logger, string file, string reason);

    [LoggerMessage(12, LogLevel.Information, "Replay waits {Wait} until its next tick at {Time}; Producer:Replay:Speed is {Speed}.")]
    public static partial void LongWait(ILogger logger, TimeSpan wait, string time, double speed);

    [LoggerMessage(13, LogLevel.Information, "Synthetic source at its end: {Count} ticks (Producer:Synthetic:Count).")]
    public static partial void SyntheticDone(ILogger logger, long count);

    [LoggerMessage(15, LogLevel.Information,
        "The topic is new: it begins with a past of {Minutes} minutes, {Ticks} ticks of each symbol (Producer:Synthetic:PastMinutes).")]
    public static partial void SyntheticPast(ILogger logger, int minutes, int ticks);

    [LoggerMessage(14, LogLevel.Warning,
        "{File}: {Count} lines are of no venue that Radar reads, the first is line {Line}; if they are trades, they are not replayed.")]
    public static partial void ForeignLines(ILogger logger, string file, long count, long line);

    [LoggerMessage(81, LogLevel.Information, "The uploaded recording {File} is replayed: {Ticks} ticks.")]
    public static partial void UploadReplayed(ILogger logger, string file, long ticks);

    [LoggerMessage(82, LogLevel.Error, "The uploaded recording {File} stopped after {Ticks} ticks: {Reason}")]
    public static partial void UploadFailed(ILogger logger, string file, long ticks, string reason);
}
