using System.Buffers.Text;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>
/// QuantConnect LEAN's trade ticks of US equities: no header, one trade a line, all of them count, identical ones too:
/// <code>
/// ms since midnight in New York, price × 10000, shares, exchange, condition, suspicious
/// </code>
/// Date and symbol are in the file's name: <c>20131007_aig_Trade_Tick.csv</c>. LEAN reads decimals, and lines that end behind the shares.
/// </summary>
internal sealed class LeanReader(LineReader lines, LeanFile file, ReplayReport report, SymbolFormat format)
    : TickReader(lines, report, format)
{
    private const decimal PriceScale = 1e-4m;
    private const long DayMs = 86_400_000;

    private readonly TimeZoneInfo _newYork = NewYork();
    private int _commas = -1; // of the first line: one with fewer may be cut off within its shares

    /// <summary>True where a line has LEAN's six fields, the first three of them whole numbers: no other file has them.</summary>
    public static bool IsLine(ReadOnlySpan<byte> line) => line.Count((byte)',') == 5 && TryReadLine(line, out _, out _, out _)
        && TryInteger(ref line) && TryInteger(ref line) && TryInteger(ref line);

    /// <summary>True where a line of a file of LEAN's name can be read.</summary>
    public static bool IsReadable(ReadOnlySpan<byte> line) => TryReadLine(line, out _, out _, out _);

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadLine(out var line))
        {
            if (line.IsEmpty)
                continue;
            int commas = line.Count((byte)',');
            _commas = _commas < 0 ? commas : _commas;
            if (commas != _commas || !TryReadLine(line, out long ms, out decimal price, out decimal shares))
            {
                Report.LineBroken(Line, "not ms, price × 10000, shares, exchange, condition, suspicious");
                continue;
            }

            tick = new Tick(file.Symbol, price, UnixMs(ms), shares, Venue: file.Venue);
            return true;
        }

        tick = default;
        return false;
    }

    /// <summary>Reads the fields that LEAN's trade ticks of every market begin with, unscaled.</summary>
    internal static bool TryFields(ReadOnlySpan<byte> line, out long ms, out decimal price, out decimal size)
    {
        price = size = 0;
        bool read = TryField(ref line, out decimal time) && TryField(ref line, out price) && TryField(ref line, out size)
            && time is >= 0 and < DayMs && price > 0 && size >= 0;
        ms = read ? (long)time : 0;
        return read;
    }

    private static bool TryField(ref ReadOnlySpan<byte> line, out decimal value)
    {
        int comma = line.IndexOf((byte)',');
        var field = comma < 0 ? line : line[..comma];
        line = comma < 0 ? default : line[(comma + 1)..];
        return DecimalText.TryParse(field.TrimEnd(" \r"u8), out value);
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out long ms, out decimal price, out decimal shares)
    {
        bool read = TryFields(line, out ms, out price, out shares);
        price = read ? DecimalText.Normalize(price * PriceScale) : 0;
        return read;
    }

    private static bool TryInteger(ref ReadOnlySpan<byte> line)
    {
        bool read = Utf8Parser.TryParse(line, out long _, out int used) && used < line.Length && line[used] == ',';
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
