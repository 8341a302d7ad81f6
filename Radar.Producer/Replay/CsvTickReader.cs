using System.Text;
using CsvHelper;
using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>CSV with a header. Delimiter and columns are found by <see cref="CsvLayout"/>.</summary>
internal sealed class CsvTickReader : TickReader
{
    /// <summary>A quote that is never closed ends with its line, so that it costs one line and not the file.</summary>
    public static readonly CsvReaderOptions Options = new()
    {
        AllowLineBreaksInQuotes = false,
        TrackLineNumbers = true,
        TrimWhitespace = true,
        MalformedData = CsvMalformedDataHandling.Recover,
    };

    private readonly CsvReader _csv;
    private readonly CsvLayout _layout;
    private readonly NameTable _names = new();
    private readonly string? _symbol;
    private readonly string? _venue;
    private readonly TimeUnit _timeUnit;
    private bool _headerIsRead;
    private bool _malformed;

    public CsvTickReader(LineReader lines, CsvLayout layout, ReplayOptions options, ReplayReport report, SymbolFormat format)
        : base(lines, report, format)
    {
        _csv = CsvReader.Create(
            new LineStream(TryReadLine, () => lines.Line, layout.LinesBefore),
            Options with
            {
                HasHeader = layout.HasHeader, Separator = layout.Separator, OnMalformedRecord = _ => _malformed = true,
            });
        _layout = layout;
        _symbol = options.Symbol?.ToUpperInvariant();
        _venue = string.IsNullOrEmpty(options.Venue) ? null : options.Venue;
        _timeUnit = options.TimeUnit;
    }

    protected override long Line => _csv.LineNumber;

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadRecord())
        {
            string? fault = TryReadTick(out tick);
            if (fault is null)
                return true;
            Report.LineBroken(Line, fault);
        }

        tick = default;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _csv.Dispose();
        base.Dispose(disposing);
    }

    private bool TryReadRecord()
    {
        // Here and not at the opening: a damaged file has to be reported as all others are.
        if (!_headerIsRead)
            _csv.ReadHeader();
        _headerIsRead = true;
        _malformed = false;
        return _csv.Read();
    }

    /// <summary>Null, or what is wrong with the record.</summary>
    private string? TryReadTick(out Tick tick)
    {
        tick = default;
        if (_malformed)
            return "a quote is not closed, or stands in the wrong place";
        string? symbol = Field(_layout.Symbol) is { IsEmpty: false } name ? _names.Symbol(name) : _symbol;
        if (symbol is null)
            return "no symbol (" + SymbolName.Rule + ")";
        if (!TryDecimal(Field(_layout.Price), out decimal price) || price <= 0)
            return "no price greater than 0";
        string? noTime = CsvTime.TryRead(
            Field(_layout.Date), _layout.Date >= 0, Field(_layout.Timestamp), _timeUnit, out long timestampMs);
        if (noTime is not null)
            return noTime;
        decimal size = 0;
        if (Field(_layout.Size) is { IsEmpty: false } amount && (!TryDecimal(amount, out size) || size < 0))
            return "the size is no number of at least 0";
        if (!TryReadSide(out var side))
            return "the side is none";
        string? venue = Field(_layout.Venue) is { IsEmpty: false } place ? _names.Text(place) : _venue;
        tick = new Tick(symbol, price, timestampMs, size, ReadId(), side, venue);
        return null;
    }

    private bool TryReadSide(out Side side)
    {
        side = Side.Unknown;
        if (_layout.BuyerIsMaker >= 0)
        {
            var maker = Field(_layout.BuyerIsMaker);
            side = Is(maker, "true"u8) || Is(maker, "1"u8) ? Side.Sell : Is(maker, "false"u8) || Is(maker, "0"u8) ? Side.Buy : Side.Unknown;
            return side != Side.Unknown || maker.IsEmpty;
        }

        var text = Field(_layout.Side);
        side = Is(text, "buy"u8) || Is(text, "b"u8) ? Side.Buy : Is(text, "sell"u8) || Is(text, "s"u8) ? Side.Sell : Side.Unknown;
        return side != Side.Unknown || text.IsEmpty || Is(text, "unknown"u8);
    }

    private TradeId ReadId()
    {
        var text = Field(_layout.TradeId);
        if (System.Buffers.Text.Utf8Parser.TryParse(text, out long number, out int used) && used == text.Length)
            return new TradeId(number);
        return text.IsEmpty ? default : new TradeId(Encoding.UTF8.GetString(text));
    }

    /// <summary>A number as spreadsheets and databases write it as well: <c>.5</c> and <c>+5</c>.</summary>
    private static bool TryDecimal(ReadOnlySpan<byte> text, out decimal value)
    {
        if (text is [(byte)'+', (>= (byte)'0' and <= (byte)'9') or (byte)'.', ..])
            text = text[1..];
        if (text is not [(byte)'.', >= (byte)'0' and <= (byte)'9', ..] || text.Length >= DecimalText.LengthMax)
            return DecimalText.TryParse(text, out value);
        Span<byte> whole = stackalloc byte[DecimalText.LengthMax];
        whole[0] = (byte)'0';
        text.CopyTo(whole[1..]);
        return DecimalText.TryParse(whole[..(text.Length + 1)], out value);
    }

    private ReadOnlySpan<byte> Field(int column) => column >= 0 && column < _csv.FieldCount ? _csv.GetSpan(column) : default;

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(text, lower);
}
