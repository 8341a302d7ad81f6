using System.Buffers.Text;
using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>
/// QuantConnect LEAN's trade ticks of crypto: no header, one trade a line, date and symbol in the file's name
/// (<c>20160217_btcusd_tick_trade.csv</c>):
/// <code>
/// ms since midnight UTC, price, quantity
/// </code>
/// </summary>
internal sealed class LeanCryptoReader(LineReader lines, LeanFile file, ReplayReport report, SymbolFormat format)
    : TickReader(lines, report, format)
{
    private const string Venue = "lean";
    private const long DayMs = 86_400_000;

    private readonly long _midnightMs = (file.Date.ToDateTime(TimeOnly.MinValue) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>True where a line has LEAN's three fields.</summary>
    public static bool IsLine(ReadOnlySpan<byte> line) => TryReadLine(line, out _, out _, out _);

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadLine(out var line))
        {
            if (line.IsEmpty)
                continue;
            if (TryReadLine(line, out long ms, out decimal price, out decimal size))
            {
                tick = new Tick(file.Symbol, price, _midnightMs + ms, size, Venue: Venue);
                return true;
            }

            Report.LineBroken(Line, "not ms since midnight, price, quantity");
        }

        tick = default;
        return false;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out long ms, out decimal price, out decimal size)
    {
        price = size = 0;
        if (!Utf8Parser.TryParse(line, out ms, out int used) || used == line.Length || line[used] != ',' || ms is < 0 or >= DayMs)
            return false;
        line = line[(used + 1)..];
        int comma = line.IndexOf((byte)',');
        return comma > 0 && DecimalText.TryParse(line[..comma], out price) && price > 0
            && DecimalText.TryParse(line[(comma + 1)..].TrimEnd(" \r"u8), out size) && size >= 0;
    }
}
