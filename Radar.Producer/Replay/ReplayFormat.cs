using System.Text;
using CsvHelper;
using Radar.Market;
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

    /// <summary>How to read <paramref name="input"/>.</summary>
    /// <param name="input">Is opened, looked into and closed.</param>
    /// <param name="cancellationToken">The start is given up.</param>
    /// <param name="fault">Why it cannot be read, for people and without a full stop, where the result is null.</param>
    /// <exception cref="ServiceDefaults.ConfigurationException">The file cannot be opened.</exception>
    public OpenReader? Recognise(ReplayInput input, CancellationToken cancellationToken, out string fault)
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

    private OpenReader? Recognise(ReplayInput input, LineReader lines, out string fault)
    {
        if (!TryReadContent(lines, out byte[] first))
        {
            fault = Empty;
            return null;
        }

        if (LeanReader.IsLine(first))
            return Lean(input, out fault);

        // Vendors write an address or a note above the header, and Excel the separator.
        int notes = 0;
        byte[] head = first;
        while (IsNote(head) && !IsHeader(head) && notes < NotesMax && TryReadContent(lines, out byte[] next))
            (head, notes) = (next, (int)lines.Line - 1);
        return CaptureVenue.IsLine(head) && !IsNote(head) ? Messages(first, head, lines, out fault) : Csv(head, notes, lines, out fault);
    }

    private OpenReader? Lean(ReplayInput input, out string fault)
    {
        fault = "it looks like LEAN's trade ticks, whose date and symbol are in the file's name (20131007_aig_Trade_Tick.csv)";
        return LeanFile.FromName(input.FileName) is { } file
            ? (lines, report) => new LeanReader(lines, file, report, symbols())
            : null;
    }

    private OpenReader? Messages(byte[] first, byte[] head, LineReader lines, out string fault)
    {
        fault = "";
        var venue = new CaptureVenue();
        var names = new NameTable();
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
                var found = TickCodec.TryRead(line, names, out _);
                if (found == TickRefusal.None)
                    return (stream, report) => new EventReader(stream, report, symbols());
                refusal = refusal == TickRefusal.None ? found : refusal;
            }

            var kind = line.IsEmpty ? VenueMessage.Broken : venue.Read(line, trades);
            if (kind is not (VenueMessage.Foreign or VenueMessage.Broken) && !CaptureVenue.IsControl(line))
                return (stream, report) => new CaptureReader(stream, report, symbols());
            hasForeign |= kind == VenueMessage.Foreign;
            if (!lines.TryRead(out line))
                break;
        }

        // A connection without messages is a quiet day.
        if (venue.Host is not null && venue.IsKnownHost && !hasForeign)
            return (stream, report) => new CaptureReader(stream, report, symbols());
        fault = venue.Host is { } host
            ? $"it is a capture of {host}{(venue.IsKnownHost ? ", of feeds that Radar does not read" : "")}; Radar reads trades of "
                + VenueRegistry.Titles
            : $"its first lines are JSON, but neither Radar events (the first is refused: {refusal}) nor a capture of "
                + $"{VenueRegistry.Titles}";
        return null;
    }

    private OpenReader? Csv(byte[] head, int notes, LineReader lines, out string fault)
    {
        using var csv = CsvReader.Create(CsvSample(head, lines), CsvTickReader.Options);
        csv.ReadHeader();
        if (csv.Headers.Count < 2)
        {
            fault = $"its format is not recognised; it begins with '{Shown(head)}'. Radar reads CSV with a header, newline-delimited "
                + $"events, captures of {VenueRegistry.Titles}, and LEAN's trade ticks, each plain, in gzip or in zip";
            return null;
        }

        fault = CsvLayout.TryFind(csv.Headers, options, out var layout) ?? "";
        layout = layout with { Separator = csv.Separator, LinesBefore = notes };
        return fault.Length == 0 ? (stream, report) => new CsvTickReader(stream, layout, options, report, symbols()) : null;
    }

    /// <summary>The header and some rows, by which the separator is found.</summary>
    private static byte[] CsvSample(byte[] head, LineReader lines)
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
    private static bool TryReadContent(LineReader lines, out byte[] content)
    {
        while (lines.TryRead(out var line))
        {
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            content = line.Trim(" \t"u8).ToArray();
            return true;
        }

        content = [];
        return false;
    }

    private static bool IsNote(ReadOnlySpan<byte> line) =>
        line is [(byte)'#', ..] || line.StartsWith("sep="u8)
            || (line.StartsWith("http"u8) && CaptureVenue.IsControl(line) && !line.ContainsAny(" ,;\t"u8));

    /// <summary>A header may begin with a # as well.</summary>
    private bool IsHeader(byte[] line)
    {
        using var csv = CsvReader.Create(line, CsvTickReader.Options);
        csv.ReadHeader();
        return csv.Headers.Count > 1 && CsvLayout.TryFind(csv.Headers, options, out _) is null;
    }

    private static string Shown(ReadOnlySpan<byte> line) =>
        string.Concat(Encoding.UTF8.GetString(line[..Math.Min(line.Length, 60)]).Where(shown => !char.IsControl(shown)));
}
