using CsvHelper;
using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>How a CSV file is read.</summary>
/// <param name="Layout">Which column is what.</param>
/// <param name="Rules">What the values mean.</param>
/// <param name="Separator">Between fields.</param>
/// <param name="LinesBefore">Lines above the header.</param>
/// <param name="HasHeader">Whether the first row is no trade.</param>
/// <param name="FieldCount">Fields of a row.</param>
internal sealed record CsvFormat(
    CsvLayout Layout, MappingRules Rules, char Separator, int LinesBefore, bool HasHeader, int FieldCount);

/// <summary>CSV, by a <see cref="CsvFormat"/>.</summary>
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
    private readonly TickMapping _mapping;
    private readonly int _fieldCount;
    private readonly int _lastTaken;
    private bool _headerIsRead;
    private bool _malformed;

    public CsvTickReader(LineReader lines, CsvFormat format, ReplayReport report, SymbolFormat symbols)
        : base(lines, report, symbols)
    {
        _csv = CsvReader.Create(
            new LineStream(TryReadLine, () => lines.Line, format.LinesBefore),
            Options with
            {
                HasHeader = format.HasHeader, Separator = format.Separator, OnMalformedRecord = _ => _malformed = true,
            });
        (_layout, _fieldCount, _lastTaken) = (format.Layout, format.FieldCount, format.Layout.LastTaken);
        _mapping = new TickMapping(format.Rules);
    }

    protected override long Line => _csv.LineNumber;

    protected override bool TryReadNext(out Tick tick)
    {
        while (TryReadRecord())
        {
            if (_malformed)
                Report.LineBroken(Line, "a quote is not closed, or stands in the wrong place");
            else if (!HasItsFields())
                Report.LineBroken(Line, WrongCount());
            else if (TryMap(_mapping, new CsvFields(_csv, _layout, WholeSymbol()), out tick))
                return true;
        }

        tick = default;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _csv.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>
    /// A row with other fields than the header has may have them in other columns: 61,179.50 without quotes is a price of 61. Empty fields
    /// behind the last one, and missing ones that nobody reads, do no harm.
    /// </summary>
    private bool HasItsFields()
    {
        for (int i = _fieldCount; i < _csv.FieldCount; i++)
        {
            if (!_csv.GetSpan(i).IsEmpty)
                return false;
        }

        return _csv.FieldCount > _lastTaken;
    }

    /// <summary>The symbol with its suffix; empty where it has none, as almost all.</summary>
    private ReadOnlySpan<byte> WholeSymbol()
    {
        var suffix = _layout.SymbolSuffix < 0 ? default : _csv.GetSpan(_layout.SymbolSuffix);
        return suffix.IsEmpty ? default : (byte[])[.. _csv.GetSpan(_layout[TickField.Symbol]), (byte)'.', .. suffix];
    }

    private string WrongCount() => _csv.FieldCount > _fieldCount
        ? $"it has {_csv.FieldCount} fields, and the header {_fieldCount}; a field that holds the separator has to be in quotes"
        : $"it has {_csv.FieldCount} fields, and the header {_fieldCount}";

    private bool TryReadRecord()
    {
        // Here and not at the opening: a damaged file has to be reported as all others are.
        if (!_headerIsRead)
            _csv.ReadHeader();
        _headerIsRead = true;
        _malformed = false;
        return _csv.Read();
    }
}
