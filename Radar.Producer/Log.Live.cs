namespace Radar.Producer;

/// <content>Log lines of the live sources, from 101 on.</content>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "{Venue}: connected for {Symbols} symbols to {Endpoint}.")]
    public static partial void LiveOpened(ILogger logger, string venue, int symbols, Uri endpoint);

    [LoggerMessage(102, LogLevel.Warning, "{Venue}: {Endpoint} does not take the connection ({Fault}); next attempt in {WaitMs} ms.")]
    public static partial void LiveNotOpened(ILogger logger, string venue, Uri endpoint, string fault, long waitMs);

    [LoggerMessage(103, LogLevel.Warning, "{Venue}: the connection to {Endpoint} ended ({Reason}): {Detail}.")]
    public static partial void LiveEnded(ILogger logger, string venue, Uri endpoint, string reason, string detail);

    [LoggerMessage(104, LogLevel.Information, "{Venue}: the connection to {Endpoint} is replaced by a fresh one ({Reason}).")]
    public static partial void LiveReplaced(ILogger logger, string venue, Uri endpoint, string reason);

    [LoggerMessage(105, LogLevel.Debug, "{Venue}: trades {First} to {Last} of {Symbol} are missing; asking for them.")]
    public static partial void LiveGapFound(ILogger logger, string venue, string symbol, long first, long last);

    [LoggerMessage(106, LogLevel.Information, "{Venue}: {Count} missing trades of {Symbol} were refilled ({First} to {Last}).")]
    public static partial void LiveGapFilled(ILogger logger, string venue, string symbol, int count, long first, long last);

    [LoggerMessage(107, LogLevel.Warning,
        "{Venue}: {Missed} trades of {Symbol} are missed for good: {Ids}; {Refilled} were refilled ({Why}).")]
    public static partial void LiveMissed(ILogger logger, string venue, string symbol, long missed, string ids, int refilled, string why);

    [LoggerMessage(108, LogLevel.Error, "{Venue} refuses {Symbol} ({Text}); the other symbols go on. See Producer:Live:Symbols.")]
    public static partial void LiveSymbolRefused(ILogger logger, string venue, string symbol, string text);

    [LoggerMessage(109, LogLevel.Warning, "{Venue} reports: {Text}.")]
    public static partial void LiveError(ILogger logger, string venue, string text);

    [LoggerMessage(110, LogLevel.Warning, "{Venue}: a message is left out: {Fault}. {Names} {Untold} more since the last such line.")]
    public static partial void LiveBroken(ILogger logger, string venue, string fault, string names, long untold);

    [LoggerMessage(111, LogLevel.Warning, "{Venue} has reset the trade ids of {Symbol}, to {Id}.")]
    public static partial void LiveRenumbered(ILogger logger, string venue, string symbol, string id);

    [LoggerMessage(112, LogLevel.Error,
        "{Venue} knows none of the symbols that one connection is for; it is closed. See Producer:Live:Symbols.")]
    public static partial void LiveNoSymbols(ILogger logger, string venue);

    [LoggerMessage(113, LogLevel.Warning,
        "{Venue}: trades of {Symbol} after {Since} may be missing ({Why}); {Refilled} were refilled.")]
    public static partial void LiveMayMiss(ILogger logger, string venue, string symbol, string since, int refilled, string why);

    [LoggerMessage(114, LogLevel.Warning,
        "{Venue} sends trades of {Symbol}, which was not asked for; they are left out.")]
    public static partial void LiveUnasked(ILogger logger, string venue, string symbol);

    [LoggerMessage(115, LogLevel.Warning,
        "{Venue} sends messages of the channel {Channel}, which was not subscribed to; they are left out.")]
    public static partial void LiveUnaskedChannel(ILogger logger, string venue, string channel);
}
