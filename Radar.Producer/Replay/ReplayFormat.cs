using System.Buffers;
using Radar.Market;
using Radar.Producer.Mapping;
using Radar.Producer.Venues;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Replay;

/// <summary>Makes a reader over the opened content of an input.</summary>
internal delegate TickReader OpenReader(LineReader lines, ReplayReport report);

/// <summary>Recognises what a file holds by its first lines.</summary>
internal sealed class ReplayFormat(ReplayOptions options, Func<SymbolFormat> symbols)
{
    /// <summary>The fault of a file that holds nothing: a quiet day, not a mistake.</summary>
    public const string Empty = "it is empty";

    // Whole order books come in one line of a few MB, and hundreds of thousands of quotes before the first trade. The first line that
    // is known ends the search, so only what is not known at all is read so far.
    private const long SampleBytesMax = 64 << 20;
    private const int SampleLinesMax = 100_000;
    private const int CsvSampleLines = 50;
    private const int NotesMax = 20;

    private static readonly SearchValues<byte> RowMarks = SearchValues.Create(",;\t|{["u8);

    private readonly CsvRecognition _csv = new(options, symbols);
    private readonly JsonRecognition _json = new(options, symbols);

    /// <summary>How to read <paramref name="input"/>.</summary>
    /// <param name="input">Is opened, looked into and closed.</param>
    /// <param name="cancellationToken">The start is given up.</param>
    /// <param name="fault">Why it cannot be read, for people and without a full stop, where the result is null.</param>
    /// <exception cref="ServiceDefaults.ConfigurationException">The file cannot be opened.</exception>
    public RecognisedFormat? Recognise(ReplayInput input, CancellationToken cancellationToken, out string fault)
    {
        if (input.Fault is not null)
        {
            fault = input.Fault;
            return null;
        }

        using var lines = new LineReader(input.Open(), SampleBytesMax) { Stop = cancellationToken };
        try
        {
            return Recognise(input, lines, out fault);
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            // What is damaged further on is still replayed up to there; here the damage comes before anything that identifies the format.
            fault = $"it cannot be read: {e.Message}";
            return null;
        }
    }

    private RecognisedFormat? Recognise(ReplayInput input, LineReader lines, out string fault)
    {
        if (!TryReadContent(lines, out byte[] first, out bool isTooLong))
        {
            fault = isTooLong ? $"its lines are longer than {LineReader.LineBytesMax} bytes" : Empty;
            return null;
        }

        if (Lean(input, first, out fault) is { } lean)
            return lean;
        if (fault.Length > 0)
            return null;
        var (head, notes) = BelowNotes(first, lines);
        if (!CaptureVenue.IsLine(head) || IsNote(head))
            return Csv(input, head, notes, lines, out fault);
        if (_json.IsSet)
        {
            fault = "";
            return _json.Recognise(input, head, lines);
        }

        // A known format has members of Radar events, and others beside them.
        if (IsWhole(head) && _json.Recognise(input, head, lines) is { } known)
        {
            fault = "";
            return known;
        }

        return Messages(first, head, lines, out fault) ?? OverManyLines(input, head, ref fault);
    }

    private static RecognisedFormat Known(OpenReader open, string format) => new(open, new FormatDescription(format));

    /// <summary>By the name, which has the date and the symbol. A header that is set decides where the name says nothing.</summary>
    private RecognisedFormat? Lean(ReplayInput input, byte[] first, out string fault)
    {
        fault = "";
        var file = LeanFile.FromName(input.FileName, options.SymbolRule);
        if (file is { IsEquity: true } && LeanReader.IsReadable(first))
            return Known((lines, report) => new LeanReader(lines, file, report, symbols()), "LEAN's trade ticks, US equities");
        if (file is { IsEquity: false } && LeanCryptoReader.IsLine(first))
            return Known((lines, report) => new LeanCryptoReader(lines, file, report, symbols()), "LEAN's trade ticks, crypto");
        if (!string.IsNullOrEmpty(options.Header))
            return null;
        fault = LeanFile.FaultOf(input.FileName) ?? (LeanReader.IsLine(first)
            ? "it looks like LEAN's trade ticks, whose date and symbol are in the file's name (20131007_aig_Trade_Tick.csv)"
            : "");
        return null;
    }

    private RecognisedFormat? Messages(byte[] first, byte[] head, LineReader lines, out string fault)
    {
        fault = "";
        var venue = new CaptureVenue();
        var names = new NameTable(options.SymbolRule);
        var trades = new List<Tick>();
        var refusal = TickRefusal.None;
        bool hasForeign = false;
        if (first != head)
            venue.Read(first, trades);
        ReadOnlySpan<byte> line = head;
        for (int i = 0; i < SampleLinesMax; i++)
        {
            if (!line.IsEmpty && !CaptureVenue.IsControl(line))
            {
                var found = TickCodec.TryRead(line, names, out _, options.AllowNonPositivePrices);
                if (found == TickRefusal.None)
                {
                    return EventDescription.Of(
                        line, (stream, report) => new EventReader(stream, report, symbols(), options.AllowNonPositivePrices));
                }

                refusal = refusal == TickRefusal.None ? found : refusal;
            }

            var kind = line.IsEmpty ? VenueMessage.Broken : venue.Read(line, trades);
            if (kind is not (VenueMessage.Foreign or VenueMessage.Broken) && !CaptureVenue.IsControl(line))
                return Known((stream, report) => new CaptureReader(stream, report, symbols()), "a capture of WebSocket messages");
            hasForeign |= kind == VenueMessage.Foreign;
            if (!lines.TryRead(out line))
                break;
        }

        // A connection without messages is a quiet day.
        if (venue.Host is not null && venue.IsKnownHost && !hasForeign)
            return Known((stream, report) => new CaptureReader(stream, report, symbols()), "a capture of WebSocket messages");
        fault = venue.Host is { } host
            ? $"it is a capture of {host}{(venue.IsKnownHost ? ", of feeds that Radar does not read" : "")}; Radar reads trades of "
                + VenueRegistry.Titles
            : $"its first lines are JSON, but neither Radar events ({Refused(refusal)}) nor a capture of "
                + $"{VenueRegistry.Titles}; other JSON is read by Producer:Replay:Preset ({Presets.JsonNames}) or by pointers such as "
                + "Producer:Replay:Columns:Price=/price";
        if (!IsWhole(head))
            fault += ". It goes over several lines: a capture has one message a line, as jq -c writes it";
        return null;
    }

    /// <summary>A list over many lines looks like messages that are all broken.</summary>
    private RecognisedFormat? OverManyLines(ReplayInput input, byte[] head, ref string fault)
    {
        if (IsWhole(head))
            return null;
        using var again = new LineReader(input.Open(), SampleBytesMax);
        if (_json.Recognise(input, [], again) is not { } known)
            return null;
        fault = "";
        return known;
    }

    private static string Refused(TickRefusal refusal) => refusal == TickRefusal.BadTimestamp
        ? $"the timestamp of the first is not in Unix ms: {EventDescription.OtherTimes}"
        : $"the first is refused: {refusal.Name()}";

    private static bool IsWhole(byte[] line) => line is [(byte)'{', .., (byte)'}'] or [(byte)'[', .., (byte)']'];

    private RecognisedFormat? Csv(ReplayInput input, byte[] head, int notes, LineReader lines, out string fault)
    {
        var sample = CsvSample.Of(CsvText(head, lines));
        if (sample.First.Count > CsvSample.ColumnsMax)
        {
            fault = $"its first line holds {sample.First.Count} fields, and no file of trades has more than {CsvSample.ColumnsMax}";
            return null;
        }

        if (sample.First.Count < 2 || sample.First.Any(field => field.AsSpan().ContainsAny('{', '}')))
        {
            fault = "its format is not recognised. Radar reads CSV with a header and fields separated by , ; | or tabs, newline-delimited "
                + $"events, captures of {VenueRegistry.Titles}, and LEAN's trade ticks, each plain or compressed, and other JSON by "
                + "Producer:Replay:Columns or Producer:Replay:Preset";
            return null;
        }

        return _csv.Recognise(input, sample, notes, out fault);
    }

    /// <summary>The header and some rows, by which the separator is found.</summary>
    private static byte[] CsvText(byte[] head, LineReader lines)
    {
        using var sample = new MemoryStream();
        sample.Write(head);
        try
        {
            for (int i = 0; i < CsvSampleLines && lines.TryRead(out var row); i++)
            {
                sample.WriteByte((byte)'\n');
                sample.Write(row);
            }
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            // The rows before the damage do; the reader says where it ends.
        }

        return sample.ToArray();
    }

    /// <summary>The next line that holds anything.</summary>
    private static bool TryReadContent(LineReader lines, out byte[] content, out bool isTooLong)
    {
        isTooLong = false;
        while (lines.TryRead(out var line))
        {
            isTooLong |= lines.IsTooLong;
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            content = line.Trim(" \t"u8).ToArray();
            return true;
        }

        isTooLong |= lines.IsLimited;
        content = [];
        return false;
    }

    /// <summary>
    /// The first line that is no note, and the lines above it: vendors write an address or a title above the header, and Excel the
    /// separator. A line of prose is a note where a header that says enough follows.
    /// </summary>
    private (byte[] Head, int LinesBefore) BelowNotes(byte[] first, LineReader lines)
    {
        (byte[] Head, int LinesBefore) at = (first, 0);
        (byte[] Head, int LinesBefore)? prose = null;
        for (int i = 0; i < NotesMax && (IsNote(at.Head) || IsProse(at.Head)) && !IsHeader(at.Head)
            && TryReadContent(lines, out byte[] next, out _); i++)
        {
            if (!IsNote(at.Head))
                prose ??= at;
            at = (next, (int)lines.Line - 1);
        }

        return prose is { } text && !IsHeader(at.Head) ? text : at;
    }

    /// <summary>A message may have members of these names, too.</summary>
    private bool IsHeader(byte[] line) => !CaptureVenue.IsLine(line) && _csv.IsHeader(line);

    /// <summary>Neither a row nor a message.</summary>
    private static bool IsProse(byte[] line) =>
        !line.AsSpan().ContainsAny(RowMarks) && !CaptureVenue.IsLine(line) && !CaptureVenue.IsControl(line);

    private static bool IsNote(ReadOnlySpan<byte> line) =>
        line is [(byte)'#', ..] || line.StartsWith("sep="u8) || line.StartsWith("\"sep="u8)
            || (line.StartsWith("http"u8) && CaptureVenue.IsControl(line) && !line.ContainsAny(" ,;\t"u8));
}
