using System.Globalization;
using System.Text.RegularExpressions;
using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>What the name of a LEAN file contains.</summary>
internal sealed partial record LeanFile(DateOnly Date, string Symbol, bool IsEquity, string Venue)
{
    /// <summary>
    /// Reads <c>20131007_aig_Trade_Tick.csv</c> of US equities, <c>20160217_btcusd_tick_trade.csv</c> of crypto and
    /// <c>20160217_btcusdt_tick_trade_perp.csv</c> of its perpetual futures; null for any other name.
    /// </summary>
    public static LeanFile? FromName(string name, SymbolRule symbols)
    {
        var match = Equity().Match(name);
        bool isEquity = match.Success;
        match = isEquity ? match : Crypto().Match(name);
        string venue = match.Groups["perpetual"].Success ? "lean-perp" : "lean"; // spot's symbols are the same
        return match.Success
            && DateOnly.TryParseExact(match.Groups["date"].ValueSpan, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None,
                out var date)
            && symbols.TryNormalize(match.Groups["symbol"].Value, out string symbol)
                ? new LeanFile(date, symbol, isEquity, venue)
                : null;
    }

    /// <summary>Why a file of one of LEAN's other names is not read, for people and without a full stop; or null.</summary>
    public static string? FaultOf(string name)
    {
        var match = Other().Match(name);
        string kind = match.Groups["kind"].Value.ToLowerInvariant();
        return !match.Success ? null
            : kind == "trade"
                ? "it holds LEAN's trade ticks of futures or options, whose time zone is not in the file. Producer:Replay:Header="
                    + "ms,price,size,exchange,condition,suspicious with Columns:Timestamp=ms, Columns:Date=constant:2013-10-07, TimeUnit, "
                    + "TimeZone and Symbol reads one"
                : $"it holds LEAN's {(kind == "quote" ? "quotes" : "open interest")}, and no trades";
    }

    [GeneratedRegex(
        @"^(?<date>\d{8})_(?<symbol>.+)_trade_tick\.csv",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Equity();

    [GeneratedRegex(
        @"^(?<date>\d{8})_(?<symbol>.+)_tick_trade(?<perpetual>_perp)?\.csv",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Crypto();

    [GeneratedRegex(
        @"^\d{8}_.+_(tick_(?<kind>trade|quote|openinterest)(_[^.]+)?|(?<kind>quote)_tick)\.csv",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Other();
}
