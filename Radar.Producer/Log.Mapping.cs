namespace Radar.Producer;

/// <summary>Log lines about how recorded files are read.</summary>
internal static partial class Log
{
    [LoggerMessage(61, LogLevel.Information, "{File}{More}: {Format}; {Fields}; not read: {Unread}.")]
    public static partial void FormatTaken(ILogger logger, string file, string more, string format, string fields, string unread);

    [LoggerMessage(62, LogLevel.Warning, "{File}{More}: {Warning}.")]
    public static partial void FormatWarning(ILogger logger, string file, string more, string warning);

    [LoggerMessage(63, LogLevel.Warning,
        "{File}: {Count} lines are corrections or cancels and left out, the first is line {Line} (Producer:Replay:Corrections).")]
    public static partial void CorrectionLines(ILogger logger, string file, long count, long line);

    [LoggerMessage(64, LogLevel.Warning,
        "{Symbol} comes from {First} and from {Second}: both are one symbol, with one price and one candle. "
            + "Producer:SymbolFormat={{venue}}:{{symbol}} keeps them apart.")]
    public static partial void VenuesMeet(ILogger logger, string symbol, string first, string second);

    [LoggerMessage(65, LogLevel.Warning,
        "{File} has the same trades as the file of single trades beside it ({Count} such pairs): both count, and volumes double. Leave "
            + "one of them out.")]
    public static partial void SameTradesTwice(ILogger logger, string file, int count);
}
