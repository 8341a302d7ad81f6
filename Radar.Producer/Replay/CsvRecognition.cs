using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Finds how a CSV file is read: its header, its columns, and what their values mean.</summary>
internal sealed class CsvRecognition(ReplayOptions options, Func<SymbolFormat> symbols)
{
    private const string Section = "Producer:Replay";

    /// <summary>Whether a line, which may begin with a #, is a header that says enough.</summary>
    public bool IsHeader(byte[] line)
    {
        var sample = CsvSample.Of(line);
        return sample.First.Count is > 1 and <= CsvSample.ColumnsMax
            && CsvLayout.TryFind(sample.First, sample, options.Columns, null, out _) is null;
    }

    /// <summary>How to read a file, or null.</summary>
    /// <param name="input">For its name.</param>
    /// <param name="sample">Its first rows.</param>
    /// <param name="linesBefore">Lines above them.</param>
    /// <param name="fault">Why it cannot be read, for people and without a full stop, where the result is null.</param>
    public RecognisedFormat? Recognise(ReplayInput input, CsvSample sample, int linesBefore, out string fault)
    {
        bool hasHeader = HasHeader(sample);
        var preset = FindPreset(input, sample, hasHeader, out fault);
        if (fault.Length > 0)
            return null;
        var header = HeaderOf(sample, hasHeader, preset, out fault);
        if (fault.Length > 0)
            return null;
        if (!hasHeader)
            sample = sample.WithFirstRow();
        if (options.OnlyTrades && KindOf(input, header, sample, preset) is { } kind)
        {
            fault = kind;
            return null;
        }

        sample = sample with { Rows = [.. sample.Rows.Where(row => row.Count >= header.Count)] };
        if (CsvLayout.TryFind(header, sample, options.Columns, preset, out var layout) is { } missing)
        {
            fault = missing;
            return null;
        }

        return Read(input, sample, new CsvShapeFound(layout, preset, linesBefore, hasHeader), out fault);
    }

    private RecognisedFormat? Read(ReplayInput input, CsvSample sample, CsvShapeFound found, out string fault)
    {
        var (layout, preset, linesBefore, hasHeader) = found;
        if (SymbolOf(input, layout, preset, out string? symbol) is { } noSymbol)
        {
            fault = noSymbol;
            return null;
        }

        var faults = new List<string>(); // of settings, which were checked at start
        var rules = options.ToRules(Section, preset, layout.Sides, faults);
        if (faults.Count > 0)
        {
            fault = faults[0].TrimEnd('.'); // a known format's time zone, on a machine without time zones
            return null;
        }

        if (layout.TrySetConditions(rules.Filter) is { } unknown)
        {
            fault = $"it has no column '{unknown}', which Producer:Replay:Filter names; its columns are {CsvNames.Listed(layout.Header)}";
            return null;
        }

        rules = rules with
        {
            IsUntyped = true,
            Symbol = symbol,
            Venue = string.IsNullOrEmpty(options.Venue) ? preset?.Venue : options.Venue,
            Numbers = rules.Numbers ?? sample.StyleOf(layout[TickField.Price], layout[TickField.Size]),
        };
        if (rules.Time.Zone is null && sample.HasLocalTimes(layout[TickField.Time], rules.Time.Order)
            && CsvNames.NamesZone(layout.Header[layout[TickField.Time]]))
        {
            fault = $"the name of its column '{CsvNames.Shown(layout.Header[layout[TickField.Time]])}' says that its times are not UTC; "
                + "Producer:Replay:TimeZone says of which zone they are, such as America/New_York or Etc/GMT+5";
            return null;
        }

        fault = "";
        var format = new CsvFormat(
            layout, rules, sample.Separator, linesBefore, hasHeader, Math.Max(layout.Header.Count, sample.First.Count));
        return new RecognisedFormat(
            (lines, report) => new CsvTickReader(lines, format, report, symbols()),
            CsvDescription.Of(format, sample, preset, symbol, options));
    }

    /// <summary>A row with values is no header; neither is one whose names are all unknown where a header is set.</summary>
    private bool HasHeader(CsvSample sample)
    {
        bool isKnown = CsvNames.Find(sample.First, TickField.Price).Any() && CsvNames.Find(sample.First, TickField.Time).Any();
        if (!string.IsNullOrEmpty(options.Header))
            return isKnown || sample.First.SequenceEqual(GivenHeader(), StringComparer.OrdinalIgnoreCase);
        return isKnown || !sample.First.Any(CsvShape.IsValue)
            || Enum.GetValues<TickField>().Any(field => options.Columns[field] is { Length: > 0 } name
                && CsvNames.Exact(sample.First, name) >= 0);
    }

    private string[] GivenHeader() => options.Header!.Split(',', StringSplitOptions.TrimEntries);

    private IReadOnlyList<string> HeaderOf(CsvSample sample, bool hasHeader, Preset? preset, out string fault)
    {
        fault = "";
        if (hasHeader)
            return sample.First;
        if (!string.IsNullOrEmpty(options.Header))
            return GivenHeader();
        if (preset?.Headerless is { } headerless)
            return headerless.Header.Split(',');
        if (options.OnlyTrades && CsvKind.AreCandles(sample.First))
            fault = NotTrades("candles without a header");
        else
        {
            fault = $"it has no header: its first line holds {sample.First.Count} fields with values. Give one with "
                + "Producer:Replay:Header, such as id,price,qty,quote_qty,time,is_buyer_maker, or name the format with "
                + "Producer:Replay:Preset";
        }

        return [];
    }

    /// <summary>The format that is set, or one that the columns and the name show without a doubt.</summary>
    private Preset? FindPreset(ReplayInput input, CsvSample sample, bool hasHeader, out string fault)
    {
        fault = "";
        string path = PathOf(input);
        if (!string.IsNullOrEmpty(options.Preset))
        {
            var named = Presets.Named(options.Preset).Where(preset => preset.Columns is not null).ToList();
            var fitting = named.Where(preset => Fits(preset, sample, hasHeader)
                && (!preset.IsByNameOnly || preset.SymbolIn(path) is not null)).ToList();
            var found = fitting.FirstOrDefault(preset => preset.SymbolIn(path) is not null) ?? fitting.FirstOrDefault();
            if (found is null && !hasHeader && !string.IsNullOrEmpty(options.Header))
                return null;
            if (found is null)
            {
                fault = $"it is none of {string.Join(", ", named.Select(preset => preset.Title))} (Producer:Replay:Preset="
                    + $"{options.Preset}); {(hasHeader ? $"its columns are {CsvNames.Listed(sample.First)}"
                        : $"it has no header, and {sample.First.Count} columns")}";
            }

            return found;
        }

        return Presets.All.FirstOrDefault(preset => preset.Columns is not null
            && (hasHeader ? preset.Signature.Length > 0 : preset.NeedsName && string.IsNullOrEmpty(options.Header))
            && Fits(preset, sample, hasHeader)
            && (!preset.NeedsName || preset.SymbolIn(path) is not null));
    }

    private static bool Fits(Preset preset, CsvSample sample, bool hasHeader) => hasHeader
        ? (preset.Signature.Length > 0 || preset.Headerless is null)
            && preset.Signature.All(column => CsvNames.Exact(sample.First, column) >= 0)
            && CsvNames.Exact(sample.First, preset.Column(TickField.Price)!) >= 0
        : preset.Headerless is { } headerless && CsvShape.Matches(headerless.Shape, sample.First);

    /// <summary>The symbol of rows that name none. Returns what is missing or contradicts the settings, or null.</summary>
    private string? SymbolOf(ReplayInput input, CsvLayout layout, Preset? preset, out string? symbol)
    {
        string path = PathOf(input);
        symbol = null;
        string? set = string.IsNullOrEmpty(options.Symbol) ? null : options.Symbol;
        if (layout.Missing(TickField.Symbol) is null)
        {
            symbol = options.SymbolRule.TryNormalize(set, out string normalized) ? normalized : null;
            return null;
        }

        string? inName = options.SymbolPattern is { Length: > 0 } pattern
            ? Presets.SymbolIn(path, pattern)
            : preset?.SymbolIn(path) ?? Presets.SymbolInPath(path);
        if (set is not null && inName is not null && !IsSame(set, inName))
            return $"its name says {CsvNames.Shown(inName)}, and Producer:Replay:Symbol is {set}: files without a column for the symbol "
                + "take it from their name where that is left out";
        string? text = set ?? inName;
        if (text is null)
            return layout.Missing(TickField.Symbol, ", give one symbol for all with Producer:Replay:Symbol, or find it in the file's name "
                + "with Producer:Replay:SymbolPattern");
        return options.SymbolRule.TryNormalize(text, out symbol)
            ? null
            : $"its name has '{CsvNames.Shown(text)}' for a symbol, which is none";
    }

    /// <summary>BTC-USDT is BTCUSDT.</summary>
    private bool IsSame(string one, string other) => options.SymbolRule.Comparer.Equals(Plain(one), Plain(other));

    private static string Plain(string symbol) => string.Concat(symbol.Where(char.IsLetterOrDigit));

    private static string PathOf(ReplayInput input) => input.Name.Replace('\\', '/').Replace('!', '/');

    /// <summary>Why a file is left out that holds other things than trades, or others beside them; or null. A filter knows.</summary>
    private string? KindOf(ReplayInput input, IReadOnlyList<string> header, CsvSample sample, Preset? preset)
    {
        bool isFiltered = preset is not null || !string.IsNullOrEmpty(options.Filter);
        bool hasTrades = false;
        string? condition = isFiltered ? null : CsvKind.TradesAmongQuotes(header, sample, out hasTrades);
        if (!hasTrades && CsvKind.Of(header, sample, input.Name, isFiltered || NamesPrice(header)) is { } kind)
            return NotTrades(kind);
        return condition is null ? null
            : $"some of its rows are quotes and no trades; Producer:Replay:Filter says which rows are trades, such as {condition}";
    }

    /// <summary>Who names the column of the price knows what the columns are.</summary>
    private bool NamesPrice(IReadOnlyList<string> header) =>
        options.Columns.Price is { Length: > 0 } price && CsvNames.Exact(header, price) >= 0;

    private static string NotTrades(string kind) =>
        $"it holds {kind}, and no trades. Producer:Replay:OnlyTrades=false reads it all the same";

    private readonly record struct CsvShapeFound(CsvLayout Layout, Preset? Preset, int LinesBefore, bool HasHeader);
}
