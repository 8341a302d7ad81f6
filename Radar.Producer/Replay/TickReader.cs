using System.Text;
using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>Reads the ticks of one recorded stream, one after the other.</summary>
internal abstract class TickReader(ReplayReport report, SymbolFormat format) : IDisposable
{
    /// <summary>Counts of this stream.</summary>
    protected ReplayReport Report { get; } = report;

    /// <summary>Number of the line read last, from 1.</summary>
    protected abstract long Line { get; }

    /// <summary>Reads the next tick, named as configured. False at the end, also where the stream is damaged from here on.</summary>
    public bool TryRead(out Tick tick)
    {
        try
        {
            while (TryReadNext(out tick))
            {
                if (format.Name(tick) is not { } name)
                {
                    Report.LineBroken(Line, $"Producer:SymbolFormat makes no symbol of '{tick.Symbol}' at '{tick.Venue}'");
                    continue;
                }

                if (!ReferenceEquals(name, tick.Symbol))
                    tick = tick with { Symbol = name };
                Report.Tick();
                return true;
            }
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            Report.LineBroken(Line + 1, $"the file cannot be read further ({e.Message})");
        }

        tick = default;
        return false;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The next tick as the stream has it; reports lines that hold none.</summary>
    protected abstract bool TryReadNext(out Tick tick);

    /// <summary>Closes the stream.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>Newline-delimited Radar events.</summary>
internal sealed class EventReader(Stream stream, ReplayReport report, SymbolFormat format) : TickReader(report, format)
{
    private readonly LineReader _lines = new(stream);
    private readonly NameTable _names = new();

    protected override long Line => _lines.Line;

    protected override bool TryReadNext(out Tick tick)
    {
        while (_lines.TryRead(out var line))
        {
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            var refusal = TickCodec.TryRead(line, _names, out tick);
            if (refusal == TickRefusal.None)
                return true;
            Report.LineBroken(Line, $"not an event: {refusal}");
        }

        tick = default;
        return false;
    }

    protected override void Dispose(bool disposing) => _lines.Dispose();
}

/// <summary>
/// Raw WebSocket captures, one message a line: <c>&lt;local ns&gt; &lt;json&gt;</c>, <c>&lt;local seconds&gt;: &lt;json&gt;</c> or the
/// JSON alone. Lines that begin with an address (<c>wss://host/ &lt;-&gt; …</c>) tell of the connection. The recorder's own clock is
/// not used.
/// </summary>
internal sealed class CaptureReader(Stream stream, ReplayReport report, SymbolFormat format) : TickReader(report, format)
{
    private readonly LineReader _lines = new(stream);
    private readonly List<Tick> _trades = [];
    private readonly CaptureVenue _venue = new();
    private int _next;

    protected override long Line => _lines.Line;

    protected override bool TryReadNext(out Tick tick)
    {
        while (_next == _trades.Count)
        {
            _trades.Clear();
            _next = 0;
            if (!_lines.TryRead(out var line))
            {
                tick = default;
                return false;
            }

            switch (_venue.Read(line, _trades))
            {
                case Venues.VenueMessage.Broken:
                    Report.LineBroken(Line, _venue.Fault);
                    break;
                case Venues.VenueMessage.NoTrade or Venues.VenueMessage.Foreign:
                    Report.LineSkipped();
                    break;
                default:
                    break;
            }
        }

        tick = _trades[_next++];
        return true;
    }

    protected override void Dispose(bool disposing) => _lines.Dispose();
}
