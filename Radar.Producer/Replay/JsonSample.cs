using System.Text.Json;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>The first trades of a JSON file, by which is shown what its pointers find and what they do not.</summary>
internal sealed class JsonSample
{
    private const int RecordsMax = 100;
    private const long BytesMax = 1 << 20;

    private readonly JsonFormat _format;
    private readonly HashSet<TickField> _found = [];
    private string[] _unread = [];
    private bool _hasTrade;

    private JsonSample(JsonFormat format) => _format = format;

    /// <summary>Members of the first trade that nothing is taken from, as pointers.</summary>
    public IReadOnlyList<string> Unread => _unread;

    /// <summary>Time of the first trade, Unix ms; -1 where it cannot be read.</summary>
    public long FirstMs { get; private set; } = -1;

    /// <summary>Reads the first records of <paramref name="input"/>; what cannot be read says nothing here.</summary>
    public static JsonSample Of(ReplayInput input, JsonFormat format)
    {
        var sample = new JsonSample(format);
        using var lines = new LineReader(input.Open(), BytesMax);
        try
        {
            sample.Read(lines);
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            // The reader of the file reports where it is damaged.
        }

        return sample;
    }

    /// <summary>Whether any trade has the field, or it is the same for all.</summary>
    public bool Has(TickField field) => _found.Contains(field) || _format.Paths[field].Kind == FieldPathKind.Constant;

    /// <summary>Whether there are trades, and none has the field.</summary>
    public bool Lacks(TickField field) => _hasTrade && !Has(field);

    private void Read(LineReader lines)
    {
        var splitter = new JsonSplitter();
        for (int records = 0; records < RecordsMax && lines.TryRead(out var line);)
        {
            if (_format.IsLines)
            {
                Take(JsonTickReader.JsonOf(line).ToArray());
                records++;
                continue;
            }

            while (records < RecordsMax && splitter.TryRead(ref line))
            {
                Take(splitter.Record);
                records++;
            }
        }
    }

    private void Take(ReadOnlyMemory<byte> record)
    {
        if (record.IsEmpty)
            return;
        try
        {
            using var document = JsonDocument.Parse(record);
            if (!_format.Items.TryFind(document.RootElement, out var items, out bool isList))
                return;
            foreach (var item in isList ? items.EnumerateArray().Take(RecordsMax) : [items])
                Take(document.RootElement, item);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // As above.
        }
    }

    private void Take(JsonElement value, JsonElement item)
    {
        var fields = new JsonFields(_format.Paths, value, item);
        if (fields[TickField.Price].IsMissing || !_format.Rules.Filter.Takes(fields))
            return;
        foreach (var field in Enum.GetValues<TickField>())
        {
            if (!fields[field].IsMissing)
                _found.Add(field);
        }

        if (!_hasTrade && _format.Rules.Time.TryRead(fields[TickField.Date], fields[TickField.Time], out long unixMs))
            FirstMs = unixMs;
        if (!_hasTrade && item.ValueKind == JsonValueKind.Object)
        {
            var read = _format.Paths.All.Select(path => path.Pointer?.First).ToHashSet();
            _unread = [.. item.EnumerateObject().Where(member => !read.Contains(member.Name)).Select(member => "/" + member.Name)];
        }

        _hasTrade = true;
    }
}
