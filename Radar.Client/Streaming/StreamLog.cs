using Microsoft.Extensions.Logging;

namespace Radar.Client.Streaming;

/// <summary>The client's log lines.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(1, LogLevel.Warning,
        "The stream from {Uri} is interrupted: {Reason} It is tried again until it works, for the first time in {DelayMs} ms.")]
    public static partial void Interrupted(ILogger logger, string uri, string reason, long delayMs);

    [LoggerMessage(2, LogLevel.Debug,
        "The stream from {Uri} could not be brought back, {Attempts} times by now: {Reason} Next attempt in {DelayMs} ms.")]
    public static partial void StillInterrupted(ILogger logger, string uri, int attempts, string reason, long delayMs);

    [LoggerMessage(3, LogLevel.Information, "The API at {Uri} stops as planned; its stream goes on in {DelayMs} ms.")]
    public static partial void Stopped(ILogger logger, string uri, long delayMs);

    [LoggerMessage(4, LogLevel.Information, "The stream from {Uri} is there again.")]
    public static partial void Connected(ILogger logger, string uri);

    [LoggerMessage(5, LogLevel.Warning, "The stream from {Uri} has a gap, what was in it is not delivered: {Reason}")]
    public static partial void Gap(ILogger logger, string uri, string reason);

    [LoggerMessage(6, LogLevel.Warning,
        "The API at {Uri} knows no trade of {Symbols}: misspelt, or not traded yet. The stream delivers them once they trade.")]
    public static partial void Unknown(ILogger logger, string uri, string symbols);
}
