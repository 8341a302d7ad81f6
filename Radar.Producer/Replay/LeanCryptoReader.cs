using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>
/// QuantConnect LEAN's trade ticks of crypto: no header, one trade a line, date and symbol in the file's name
/// (<c>20160217_btcusd_tick_trade.csv</c>):
/// <code>
/// ms since midnight UTC, price, quantity[, suspicious]
/// </code>
/// </summary>
internal sealed class LeanCryptoReader(LineReader lines, LeanFile file, ReplayReport report, SymbolFormat format)
    : TickReader(lines, report, format)
{
    private readonly long _midnightMs = (file.Date.ToDateTime(TimeOnly.MinValue) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>True where a line has LEAN's fields.</summary>
    public static bool IsLine(ReadOnlySpan<byte> line) => TryReadLine(line, out _, out _, out _);

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadLine(out var line))
        {
            if (line.IsEmpty)
                continue;
            if (TryReadLine(line, out long ms, out decimal price, out decimal size))
            {
                tick = new Tick(file.Symbol, price, _midnightMs + ms, size, Venue: file.Venue);
                return true;
            }

            Report.LineBroken(Line, "not ms since midnight, price, quantity");
        }

        tick = default;
        return false;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out long ms, out decimal price, out decimal size) =>
        LeanReader.TryFields(line, out ms, out price, out size) && line.Count((byte)',') is (2 or 3);
}
