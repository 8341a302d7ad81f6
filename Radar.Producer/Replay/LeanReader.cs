using System.Buffers.Text;
using System.Globalization;
using System.Text.RegularExpressions;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>
/// QuantConnect LEAN's trade ticks of US equities: no header, one trade a line, all of them count, identical ones too:
/// <code>
/// ms since midnight in New York, price × 10000, shares, exchange, condition, suspicious
/// </code>
/// Date and symbol are in the file's name: <c>20131007_aig_Trade_Tick.csv</c>.
/// </summary>
internal sealed partial class LeanReader(LineReader lines, LeanFile file, ReplayReport report, SymbolFormat format)
    : TickReader(lines, report, format)
{
    private const string Venue = "lean";
    private const int PriceScale = 4;
    private const long DayMs = 86_400_000;

    private readonly TimeZoneInfo _newYork = NewYork();

    /// <summary>True where a line has LEAN's six fields.</summary>
    public static bool IsLine(ReadOnlySpan<byte> line) => TryReadLine(line, out _, out _, out _);

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadLine(out var line))
        {
            if (line.IsEmpty)
                continue;
            if (!TryReadLine(line, out long ms, out long price, out long shares))
            {
                Report.LineBroken(Line, "not ms, price × 10000, shares, exchange, condition, suspicious");
                continue;
            }

            tick = new Tick(
                file.Symbol, DecimalText.FromDigits(price, PriceScale), UnixMs(ms), DecimalText.FromDigits(shares, 0), Venue: Venue);
            return true;
        }

        tick = default;
        return false;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out long ms, out long price, out long shares)
    {
        price = shares = 0;
        return TryField(ref line, out ms) && TryField(ref line, out price) && TryField(ref line, out shares)
            && ms is >= 0 and < DayMs && price > 0 && shares >= 0 && line.Count((byte)',') == 2;
    }

    private static bool TryField(ref ReadOnlySpan<byte> line, out long value)
    {
        bool read = Utf8Parser.TryParse(line, out value, out int used) && used < line.Length && line[used] == ',';
        line = read ? line[(used + 1)..] : line;
        return read;
    }

    private long UnixMs(long sinceMidnight)
    {
        var local = file.Date.ToDateTime(TimeOnly.MinValue).AddMilliseconds(sinceMidnight);
        return (local - _newYork.GetUtcOffset(local) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
    }

    private static TimeZoneInfo NewYork() =>
        TimeZoneInfo.TryFindSystemTimeZoneById("America/New_York", out var zone)
            || TimeZoneInfo.TryFindSystemTimeZoneById("Eastern Standard Time", out zone)
            ? zone
            : throw new ConfigurationException(
                "Producer:Replay: LEAN files are in New York time, and this machine has no time zones. Install the package tzdata.");
}

/// <summary>What the name of a LEAN file contains.</summary>
internal sealed partial record LeanFile(DateOnly Date, string Symbol, bool IsEquity)
{
    /// <summary>
    /// Reads <c>20131007_aig_Trade_Tick.csv</c> of US equities and <c>20160217_btcusd_tick_trade.csv</c> of crypto; null for any other
    /// name.
    /// </summary>
    public static LeanFile? FromName(string name, SymbolRule symbols)
    {
        var match = Equity().Match(name);
        bool isEquity = match.Success;
        match = isEquity ? match : Crypto().Match(name);
        return match.Success
            && DateOnly.TryParseExact(match.Groups[1].ValueSpan, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None,
                out var date)
            && symbols.TryNormalize(match.Groups[2].Value, out string symbol)
                ? new LeanFile(date, symbol, isEquity)
                : null;
    }

    [GeneratedRegex(@"^(\d{8})_(.+)_trade_tick\.csv", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Equity();

    [GeneratedRegex(@"^(\d{8})_(.+)_tick_trade\.csv", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Crypto();
}
