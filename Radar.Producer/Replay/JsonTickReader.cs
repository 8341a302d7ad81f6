using System.Buffers;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>How a file of JSON is read.</summary>
/// <param name="Paths">Where the fields are.</param>
/// <param name="Items">Where the list of trades in a record is.</param>
/// <param name="Rules">What the values mean.</param>
/// <param name="IsLines">Each line is a record; otherwise a record may go over several, or the file is one list.</param>
internal sealed record JsonFormat(FieldPaths Paths, ItemsPath Items, MappingRules Rules, bool IsLines);

/// <summary>JSON, by a <see cref="JsonFormat"/>: a record a line, with or without a time before it, or one list over many lines.</summary>
internal sealed class JsonTickReader(LineReader lines, JsonFormat format, ReplayReport report, SymbolFormat symbols)
    : TickReader(lines, report, symbols)
{
    private static readonly SearchValues<byte> Clock = SearchValues.Create(" \t0123456789.:,-+TZ"u8);

    private readonly TickMapping _mapping = new(format.Rules);
    private readonly JsonSplitter _splitter = new();
    private readonly Queue<Tick> _ticks = [];
    private byte[] _line = [];
    private int _taken;

    protected override bool TryReadNext(out Tick tick)
    {
        while (_ticks.Count == 0)
        {
            if (format.IsLines ? !TryReadLineRecord() : !TryReadRecord())
            {
                tick = default;
                return false;
            }
        }

        tick = _ticks.Dequeue();
        return true;
    }

    /// <summary>The JSON of a line, without a recorder's time before it; empty where it is none.</summary>
    public static ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t"u8);
        int begin = line.IndexOfAny((byte)'{', (byte)'[');
        return begin < 0 || line[..begin].ContainsAnyExcept(Clock) ? default : line[begin..];
    }

    private bool TryReadLineRecord()
    {
        if (!TryReadLine(out var line))
            return false;
        if (line.Trim(" \t"u8).IsEmpty || CaptureVenue.IsControl(line))
            return true;
        var json = JsonOf(line);
        if (json.IsEmpty)
            Report.LineBroken(Line, "a line that is not JSON");
        else
            Map(json.ToArray());
        return true;
    }

    private bool TryReadRecord()
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _line.AsSpan(_taken);
            bool isWhole = _splitter.TryRead(ref rest);
            _taken = _line.Length - rest.Length;
            if (isWhole)
            {
                Map(_splitter.Record);
                return true;
            }

            if (_splitter.Record.Length > LineReader.LineBytesMax)
            {
                Report.LineBroken(Line, $"a record of JSON is longer than {LineReader.LineBytesMax} bytes, or never ends");
                return false;
            }

            if (!TryReadLine(out var line))
            {
                if (_splitter.IsInside)
                    Report.LineBroken(Line, "the JSON ends within a record");
                return false;
            }

            (_line, _taken) = (line.ToArray(), 0);
        }
    }

    private void Map(ReadOnlyMemory<byte> json)
    {
        if (!System.Text.Unicode.Utf8.IsValid(json.Span))
        {
            Report.LineBroken(Line, "not valid UTF-8");
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            MapAll(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The library throws InvalidOperationException for a string with an unpaired surrogate.
            Report.LineBroken(Line, "not valid JSON");
        }
    }

    private void MapAll(JsonElement value)
    {
        if (!format.Items.TryFind(value, out var items, out bool isList))
        {
            Report.LineBroken(Line, "no list of trades where Producer:Replay:Items says that one is");
            return;
        }

        if (!isList)
        {
            MapOne(value, items);
            return;
        }

        foreach (var item in items.EnumerateArray())
            MapOne(value, item);
    }

    private void MapOne(JsonElement value, JsonElement item)
    {
        if (TryMap(_mapping, new JsonFields(format.Paths, value, item), out Tick tick))
            _ticks.Enqueue(tick);
    }
}
