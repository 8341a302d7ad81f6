using System.Text;
using CsvHelper;
using Radar.Market;
using Radar.Producer.Venues;

namespace Radar.Producer.Replay;

/// <summary>Makes a reader over the opened content of an input.</summary>
internal delegate TickReader OpenReader(Stream stream, ReplayReport report);

/// <summary>Recognises what a file holds by its first lines.</summary>
internal sealed class ReplayFormat(ReplayOptions options, Func<SymbolFormat> symbols)
{
    /// <summary>The fault of a file that holds nothing: a quiet day, not a mistake.</summary>
    public const string Empty = "it is empty";

    private const int SampleBytes = 1 << 20;
    private const int SampleLines = 500;

    /// <summary>How to read <paramref name="input"/>.</summary>
    /// <param name="input">Is opened, looked into and closed.</param>
    /// <param name="fault">Why it cannot be read, for people and without a full stop, where the result is null.</param>
    /// <exception cref="ServiceDefaults.ConfigurationException">The file cannot be read.</exception>
    public OpenReader? Recognise(ReplayInput input, out string fault)
    {
        byte[] sample = Sample(input);
        var lines = new LineReader(new MemoryStream(sample));
        ReadOnlySpan<byte> first = default;
        while (first.IsEmpty && lines.TryRead(out var line))
            first = line.Trim(" \t"u8);
        if (first.IsEmpty)
        {
            fault = Empty;
            return null;
        }

        if (LeanReader.IsLine(first))
            return Lean(input, out fault);
        return CaptureVenue.IsLine(first) ? Messages(sample, out fault) : Csv(sample, first, out fault);
    }

    private OpenReader? Lean(ReplayInput input, out string fault)
    {
        fault = "it looks like LEAN's trade ticks, whose date and symbol are in the file's name (20131007_aig_Trade_Tick.csv)";
        return LeanFile.FromName(input.FileName) is { } file
            ? (stream, report) => new LeanReader(stream, file, report, symbols())
            : null;
    }

    private OpenReader? Messages(byte[] sample, out string fault)
    {
        fault = "";
        var venue = new CaptureVenue();
        var names = new NameTable();
        var trades = new List<Tick>();
        var refusal = TickRefusal.None;
        var lines = new LineReader(new MemoryStream(sample));
        for (int i = 0; i < SampleLines && lines.TryRead(out var line); i++)
        {
            if (line.Trim(" \t"u8).IsEmpty)
                continue;
            var found = TickCodec.TryRead(line, names, out _);
            if (found == TickRefusal.None)
                return (stream, report) => new EventReader(stream, report, symbols());
            refusal = refusal == TickRefusal.None ? found : refusal;
            bool known = venue.Read(line, trades) is VenueMessage.Trades or VenueMessage.NoTrade;
            if (venue.UnknownHost is null && known)
                return (stream, report) => new CaptureReader(stream, report, symbols());
        }

        fault = venue.UnknownHost is { } host
            ? $"it is a capture of {host}; Radar reads those of Binance, Coinbase, Kraken and Bitstamp"
            : $"its first lines are JSON, but neither Radar events (the first is refused: {refusal}) nor a capture of Binance, Coinbase, "
                + "Kraken or Bitstamp";
        return null;
    }

    private OpenReader? Csv(byte[] sample, ReadOnlySpan<byte> first, out string fault)
    {
        try
        {
            using var csv = CsvReader.Create(new MemoryStream(sample), CsvTickReader.Options);
            csv.ReadHeader();
            if (csv.Headers.Count < 2)
            {
                fault = $"its format is not recognised; it begins with '{Shown(first)}'. Radar reads CSV with a header, newline-delimited "
                    + "events, captures of Binance, Coinbase, Kraken and Bitstamp, and LEAN's trade ticks, each plain, in gzip or in zip";
                return null;
            }

            fault = CsvLayout.TryFind(csv.Headers, options, out var layout) ?? "";
            return fault.Length == 0 ? (stream, report) => new CsvTickReader(stream, layout, options, report, symbols()) : null;
        }
        catch (CsvFormatException e)
        {
            fault = $"it is no CSV: {e.Message}";
            return null;
        }
    }

    private static byte[] Sample(ReplayInput input)
    {
        var sample = new byte[SampleBytes];
        int length = 0;
        using var stream = input.Open();
        try
        {
            while (length < sample.Length && stream.Read(sample.AsSpan(length)) is > 0 and var read)
                length += read;
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            // What is damaged further on is still replayed up to there; the reader says where it ends.
            if (length == 0)
                throw ReplayInput.Unreadable(input.Name, e);
        }

        return sample[..length];
    }

    private static string Shown(ReadOnlySpan<byte> line) =>
        string.Concat(Encoding.UTF8.GetString(line[..Math.Min(line.Length, 60)]).Where(shown => !char.IsControl(shown)));
}
