using System.Text.Json;
using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Finds how a file of JSON is read: by what is set, or by members that one known format alone has.</summary>
internal sealed class JsonRecognition
{
    private const string Section = "Producer:Replay";
    private const string UsualSides = "buy=buy,b=buy,sell=sell,s=sell,unknown=none,none=none";
    private const int LinesMax = 10_000;

    private static readonly (TickField Field, string Setting, string Pointer)[] Fields =
    [
        (TickField.Symbol, nameof(CsvColumns.Symbol), "/symbol"), (TickField.Price, nameof(CsvColumns.Price), "/price"),
        (TickField.Time, nameof(CsvColumns.Timestamp), "/timestamp"), (TickField.Date, nameof(CsvColumns.Date), ""),
        (TickField.Size, nameof(CsvColumns.Size), "/size"), (TickField.TradeId, nameof(CsvColumns.TradeId), "/trade_id"),
        (TickField.Side, nameof(CsvColumns.Side), "/side"), (TickField.Venue, nameof(CsvColumns.Venue), "/venue"),
        (TickField.Correction, nameof(CsvColumns.Correction), ""),
    ];

    private readonly ReplayOptions _options;
    private readonly Func<SymbolFormat> _symbols;
    private readonly Preset? _named;

    public JsonRecognition(ReplayOptions options, Func<SymbolFormat> symbols)
    {
        (_options, _symbols) = (options, symbols);
        _named = Presets.JsonNamed(options.Preset);
        IsSet = _named is not null || options.Items is not null
            || BuyerIsMaker is not null || Fields.Any(field => options.Columns[field.Field]?.StartsWith('/') == true);
    }

    /// <summary>Whether the settings say how JSON is read, so that nothing else is tried.</summary>
    public bool IsSet { get; }

    /// <summary>Pointer to what is true where the buyer was the maker, in the place of a side, or null.</summary>
    private string? BuyerIsMaker => _options.Columns.BuyerIsMaker is ['/', ..] pointer ? pointer : null;

    /// <summary>Every fault of the settings, as sentences.</summary>
    public static IEnumerable<string> Faults(ReplayOptions options)
    {
        var faults = new List<string>();
        new JsonRecognition(options, () => SymbolFormat.Plain).Create(null, true, null, faults);
        return faults;
    }

    /// <summary>How to read a file, or null where nothing says it.</summary>
    /// <param name="input">For its name.</param>
    /// <param name="head">Its first line with content.</param>
    /// <param name="lines">Those behind it; read only where the first line is not a record of its own.</param>
    public RecognisedFormat? Recognise(ReplayInput input, byte[] head, LineReader lines)
    {
        bool isLines = IsJson(JsonTickReader.JsonOf(head).ToArray()) || CaptureVenue.IsControl(head);
        var preset = _named;
        if (!IsSet)
        {
            preset = Known(isLines ? JsonTickReader.JsonOf(head).ToArray() : FirstRecord(head, lines));
            if (preset is null)
                return null;
        }

        var created = Create(preset, isLines, SymbolInName(input), []);
        var sample = JsonSample.Of(input, created);
        string title = $"JSON, {(isLines ? "a record a line" : "records over several lines")}{(preset is null ? "" : $", {preset.Title}")}";
        return new RecognisedFormat(
            (stream, report) => new JsonTickReader(stream, created, report, _symbols()),
            new FormatDescription(title)
            {
                Fields = [.. Described(created, sample)], Unread = sample.Unread, Warnings = [.. Warnings(created, sample)],
            });
    }

    private JsonFormat Create(Preset? preset, bool isLines, string? symbolInName, List<string> faults)
    {
        preset ??= _named;
        var paths = new FieldPaths();
        foreach (var (field, setting, usual) in Fields)
        {
            string? set = _options.Columns[field];
            if (field == TickField.Side)
                set = BuyerIsMaker ?? set;
            bool isPath = set is not null && (set.Length == 0 || set.StartsWith('/') || set.Contains(':', StringComparison.Ordinal));
            string text = isPath ? set! : preset is not null ? preset.Pointer(field) ?? "" : usual;
            if (paths.TrySet(field, text) is { } fault && IsSet)
                faults.Add($"{Section}:Columns:{setting}: '{text}' is no pointer: {fault}.");
            else if (paths[field].Alternatives.Any(path => path.Kind
                is FieldPathKind.Key or FieldPathKind.KeyJson or FieldPathKind.Header or FieldPathKind.RecordTime))
                faults.Add($"{Section}:Columns:{setting}: '{text}': files have neither keys nor headers.");
        }

        if (ItemsPath.TryParse(_options.Items, preset, mayBeRecord: true, out ItemsPath items) is { } itemsFault)
            faults.Add($"{Section}:Items: '{_options.Items}': {itemsFault}.");
        bool hasMaker = BuyerIsMaker is not null;
        var rules = _options.ToRules(
            Section, hasMaker && preset is not null ? preset with { Sides = null } : preset,
            hasMaker ? CsvLayout.TrueIsSell : UsualSides, faults) with
        {
            Symbol = _options.SymbolRule.TryNormalize(_options.Symbol, out string symbol) ? symbol : symbolInName,
            Venue = string.IsNullOrEmpty(_options.Venue) ? preset?.Venue : _options.Venue,
        };

        // A bare name is a column of CSV, or a member here.
        var places = rules.Filter.Places
            .Select(place => place.StartsWith('/') || place.Contains(':', StringComparison.Ordinal) ? place : "/" + place);
        if (paths.TrySetConditions(places) is { } filterFault)
            faults.Add($"{Section}:Filter: {filterFault}.");
        return new JsonFormat(paths, items, rules, isLines);
    }

    private string? SymbolInName(ReplayInput input)
    {
        string path = input.Name.Replace('\\', '/').Replace('!', '/');
        string? found = _options.SymbolPattern is { Length: > 0 } pattern ? Presets.SymbolIn(path, pattern)
            : Presets.SymbolInPath(path);
        return _options.SymbolRule.TryNormalize(found, out string symbol) ? symbol : null;
    }

    /// <summary>What is found, what is required, and what was set though nothing is found there.</summary>
    private IEnumerable<(string, string)> Described(JsonFormat format, JsonSample sample)
    {
        foreach (var (field, _, usual) in Fields)
        {
            string written = format.Paths[field].Written;
            if (sample.Has(field) || (written.Length > 0 && (written != usual || field is TickField.Price or TickField.Time)))
                yield return (CsvDescription.Name(field), written + CsvDescription.Scale(field, format.Rules));
            else if (field == TickField.Symbol && format.Rules.Symbol is { } symbol)
                yield return ("symbol", string.IsNullOrEmpty(_options.Symbol) ? "the file's name" : symbol);
            else if (field == TickField.Side && format.Rules.SideFromSize)
                yield return ("side", "the sign of the size");
        }
    }

    private static IEnumerable<string> Warnings(JsonFormat format, JsonSample sample)
    {
        if (TimeWarning.OfOld(sample.FirstMs, "set Producer:Replay:TimeUnit") is { } old)
            yield return old;
        if (sample.Lacks(TickField.Size))
        {
            yield return "no member holds the size of the first trades, so every size is 0 and volumes are 0; what is not read is "
                + $"{CsvNames.Listed(sample.Unread)}. Name it with Producer:Replay:Columns:Size=/name";
        }

        if (sample.Lacks(TickField.Side) && !format.Rules.SideFromSize)
            yield return "no member holds the side of the first trades, so they have none; Producer:Replay:Columns:Side=/name names it";
    }

    private static Preset? Known(byte[] record)
    {
        if (record.Length == 0)
            return null;
        try
        {
            using var document = JsonDocument.Parse(record);
            var item = document.RootElement;
            if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() > 0)
                item = item[0];
            return item.ValueKind != JsonValueKind.Object ? null : Presets.All
                .FirstOrDefault(preset => preset.JsonSignature.Length > 0
                    && preset.JsonSignature.All(name => item.TryGetProperty(name, out _)))?.ForJson();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] FirstRecord(byte[] head, LineReader lines)
    {
        var splitter = new JsonSplitter();
        ReadOnlySpan<byte> line = head;
        for (int i = 0; i < LinesMax; i++)
        {
            if (splitter.TryRead(ref line))
                return splitter.Record.ToArray();
            if (!lines.TryRead(out line))
                break;
        }

        return [];
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
