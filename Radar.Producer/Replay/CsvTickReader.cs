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
        MaxRecordSize = LineReader.LineBytesMax,
        MalformedData = CsvMalformedDataHandling.Recover,
    };

    private readonly CsvReader _csv;
    private readonly CsvLayout _layout;
    private readonly NameTable _names = new();
    private readonly string? _symbol;
    private readonly string? _venue;
    private bool _malformed;

    public CsvTickReader(Stream stream, CsvLayout layout, ReplayOptions options, ReplayReport report, SymbolFormat format)
        : base(report, format)
    {
        _csv = CsvReader.Create(stream, Options with { OnMalformedRecord = _ => _malformed = true });
        _csv.ReadHeader();
        _layout = layout;
        _symbol = options.Symbol?.ToUpperInvariant();
        _venue = options.Venue;
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

    protected override void Dispose(bool disposing) => _csv.Dispose();

    private bool TryReadRecord()
    {
        _malformed = false;
        try
        {
            return _csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>Null, or what is wrong with the record.</summary>
    private string? TryReadTick(out Tick tick)
    {
        tick = default;
        if (_malformed)
            return "a quote is not closed, or stands in the wrong place";
        string? symbol = Field(_layout.Symbol) is { IsEmpty: false } name ? _names.Symbol(name) : _symbol;
        if (symbol is null)
            return "no symbol";
        if (!DecimalText.TryParse(Field(_layout.Price), out decimal price) || price <= 0)
            return "no price greater than 0";
        if (!EventTime.TryParse(Field(_layout.Timestamp), out long timestampMs))
            return "no time that can be read";
        decimal size = 0;
        if (Field(_layout.Size) is { IsEmpty: false } amount && (!DecimalText.TryParse(amount, out size) || size < 0))
            return "the size is no number of at least 0";
        if (!TryReadSide(out var side))
            return "the side is none";
        if (!TryReadId(out var id))
            return $"the trade id is longer than {TickCodec.TextLengthMax} bytes";
        string? venue = Field(_layout.Venue) is { IsEmpty: false } place ? _names.Text(place) : _venue;
        if (venue?.Length > TickCodec.TextLengthMax)
            return $"the venue is longer than {TickCodec.TextLengthMax} bytes";
        tick = new Tick(symbol, price, timestampMs, size, id, side, venue);
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

    private bool TryReadId(out TradeId id)
    {
        var text = Field(_layout.TradeId);
        id = default;
        if (text.Length > TickCodec.TextLengthMax)
            return false;
        if (System.Buffers.Text.Utf8Parser.TryParse(text, out long number, out int used) && used == text.Length)
            id = new TradeId(number);
        else if (!text.IsEmpty)
            id = new TradeId(Encoding.UTF8.GetString(text));
        return true;
    }

    private ReadOnlySpan<byte> Field(int column) => column >= 0 && column < _csv.FieldCount ? _csv.GetSpan(column) : default;

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(text, lower);
}
