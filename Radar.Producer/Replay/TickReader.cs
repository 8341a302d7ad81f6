using System.Text;
using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Reads the ticks of one recorded stream, one after the other.</summary>
internal abstract class TickReader(LineReader lines, ReplayReport report, SymbolFormat format) : IDisposable
{
    /// <summary>Counts of this stream.</summary>
    protected ReplayReport Report { get; } = report;

    /// <summary>Number of the line read last, from 1.</summary>
    protected virtual long Line => lines.Line;

    /// <summary>Reads the next tick, named as configured. False at the end, also where the stream is damaged from here on.</summary>
    /// <exception cref="OperationCanceledException">Ticks may be gigabytes apart.</exception>
    public bool TryRead(out Tick tick, CancellationToken cancellationToken)
    {
        lines.Stop = cancellationToken;
        while (TryReadNext(out tick))
        {
            if (Refusal(tick) is not TickRefusal.None and var refusal)
            {
                Report.LineBroken(Line, $"the topic does not take it: {refusal.Name()}");
                continue;
            }

            if (format.Name(tick) is not { } name)
            {
                Report.LineBroken(Line, format.Fault);
                continue;
            }

            if (!ReferenceEquals(name, tick.Symbol))
                tick = tick with { Symbol = name };
            Report.Tick();
            return true;
        }

        return false;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The next tick as the stream has it; reports lines that hold none.</summary>
    protected abstract bool TryReadNext(out Tick tick);

    /// <summary>Makes a tick of a record; reports a record that makes none.</summary>
    protected bool TryMap<TFields>(TickMapping mapping, in TFields fields, out Tick tick)
        where TFields : ITickFields, allows ref struct
    {
        switch (mapping.Map(fields, out tick, out TickRefusal refusal))
        {
            case MapOutcome.Tick:
                return true;
            case MapOutcome.NoTrade:
                Report.LineSkipped();
                return false;
            case MapOutcome.Correction:
                Report.LineCorrection(Line);
                return false;
            default:
                Report.LineBroken(Line, RowFault.Of(refusal, fields, mapping.Rules));
                return false;
        }
    }

    /// <summary>
    /// The next line; reports what is too long or damaged. False at the end, also where the stream is damaged from here on.
    /// </summary>
    protected bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        try
        {
            while (lines.TryRead(out line))
            {
                if (!lines.IsTooLong)
                    return true;
                Report.LineBroken(lines.Line, $"it is longer than {LineReader.LineBytesMax} bytes");
            }
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            Report.LineBroken(lines.Line + 1, $"the file cannot be read further ({e.Message})");
            lines.End();
        }

        line = default;
        return false;
    }

    /// <summary>Closes the stream.</summary>
    protected virtual void Dispose(bool disposing) => lines.Dispose();

    /// <summary>Why our own consumer would refuse the tick, which would then be a dead letter without a file and a line.</summary>
    private static TickRefusal Refusal(in Tick tick) =>
        tick.TimestampMs < 0 ? TickRefusal.BadTimestamp
        : !Fits(tick.TradeId.Text) ? TickRefusal.BadTradeId
        : !Fits(tick.Venue) ? TickRefusal.BadVenue
        : TickCodec.Check(tick);

    private static bool Fits(string? text) =>
        text is null || (text.Length <= TickCodec.TextLengthMax && Encoding.UTF8.GetByteCount(text) <= TickCodec.TextLengthMax);
}

/// <summary>Newline-delimited Radar events.</summary>
internal sealed class EventReader(LineReader lines, ReplayReport report, SymbolFormat format, bool anyPrice)
    : TickReader(lines, report, format)
{
    private readonly NameTable _names = new(SymbolRule.Keep);

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadLine(out var line))
        {
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            var refusal = TickCodec.TryRead(line, _names, out tick, anyPrice);
            if (refusal == TickRefusal.None)
                return true;
            Report.LineBroken(Line, $"not an event: {refusal}");
        }

        tick = default;
        return false;
    }
}

/// <summary>
/// Raw WebSocket captures, one message a line: <c>&lt;local ns&gt; &lt;json&gt;</c>, <c>&lt;local seconds&gt;: &lt;json&gt;</c> or the
/// JSON alone. Lines that begin with an address (<c>wss://host/ &lt;-&gt; …</c>) describe the connection. The recorder's own clock is
/// not used.
/// </summary>
internal sealed class CaptureReader : TickReader
{
    private readonly List<Tick> _trades = [];
    private readonly CaptureVenue _venue = new();
    private int _next;
    private bool _ended;

    public CaptureReader(LineReader lines, ReplayReport report, SymbolFormat format)
        : base(lines, report, format) => format.SpellingsAreOfVenues = true;

    protected override bool TryReadNext(out Tick tick)
    {
        while (_next == _trades.Count)
        {
            _trades.Clear();
            _next = 0;
            if (_ended)
            {
                tick = default;
                return false;
            }

            ReadMessage();
        }

        tick = _trades[_next++];
        return true;
    }

    private void ReadMessage()
    {
        if (!TryReadLine(out var line))
        {
            _ended = true;
            _venue.End(_trades);
            return;
        }

        switch (_venue.Read(line, _trades))
        {
            case Venues.Protocol.VenueMessage.Broken:
                Report.LineBroken(Line, _venue.Fault);
                break;
            case Venues.Protocol.VenueMessage.NoTrade:
                Report.LineSkipped();
                break;
            case Venues.Protocol.VenueMessage.Foreign:
                Report.LineForeign(Line);
                break;
            default:
                break;
        }

        for (int repeats = _venue.TakeRepeats(); repeats > 0; repeats--)
            Report.LineSkipped();
    }
}
