using System.Text;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Which column of a CSV file is what.</summary>
internal sealed class CsvLayout
{
    /// <summary>Values that say whether the buyer was the maker, so that true is a sale.</summary>
    public const string TrueIsSell = "true=sell,1=sell,false=buy,0=buy";

    private const string Constant = "constant:";
    private const string Words = "buy=buy,b=buy,buyer=buy,sell=sell,s=sell,seller=sell,unknown=none,none=none,undefined=none,-=none";
    private const string MakersWords = "buy=sell,b=sell,buyer=sell,sell=buy,s=buy,seller=buy,unknown=none,none=none";
    private const string TrueIsBuy = "true=buy,1=buy,false=sell,0=sell";

    private static readonly TickField[] Fields = Enum.GetValues<TickField>();

    private readonly int[] _columns = [.. Fields.Select(_ => -1)];
    private readonly byte[]?[] _constants = new byte[]?[Fields.Length];
    private int[] _conditions = [];

    private CsvLayout(IReadOnlyList<string> header) => Header = header;

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Header { get; }

    /// <summary>What the values of the side mean, unless a setting or a preset says it.</summary>
    public string Sides { get; private set; } = Words;

    /// <summary>The column of a field, or -1.</summary>
    public int this[TickField field] => _columns[(int)field];

    /// <summary>The value of a field that is the same in all rows, or null.</summary>
    public byte[]? ConstantOf(TickField field) => _constants[(int)field];

    /// <summary>The column with what follows the symbol, <c>B</c> of <c>BRK.B</c>, as TAQ splits them; or -1.</summary>
    public int SymbolSuffix { get; private set; } = -1;

    /// <summary>The column that the filter's condition of an index looks at.</summary>
    public int Condition(int index) => _conditions[index];

    /// <summary>The last column that is read, from 0.</summary>
    public int LastTaken => Math.Max(Math.Max(_columns.Max(), SymbolSuffix), _conditions.DefaultIfEmpty(-1).Max());

    /// <summary>Columns that no field takes.</summary>
    public IEnumerable<string> Unread => Header.Where((_, index) =>
        !_columns.Contains(index) && !_conditions.Contains(index) && index != SymbolSuffix);

    /// <summary>Finds the columns. Returns null, or what is missing and how to mend it.</summary>
    /// <param name="header">Names of the columns.</param>
    /// <param name="sample">Rows with as many values.</param>
    /// <param name="columns">What is set.</param>
    /// <param name="preset">What is known of the format, or null.</param>
    /// <param name="layout">The columns.</param>
    public static string? TryFind(
        IReadOnlyList<string> header, CsvSample sample, CsvColumns columns, Preset? preset, out CsvLayout layout)
    {
        layout = new CsvLayout(header);
        foreach (var field in Fields)
        {
            if (layout.Take(field, columns[field], preset) is { } unknown)
                return $"it has no column '{unknown}', which Producer:Replay:Columns names; its columns are {CsvNames.Listed(header)}";
        }

        if (layout[TickField.Symbol] is >= 0 and var symbol && new CsvName(header[symbol]).Letters == "symroot")
            layout.SymbolSuffix = CsvNames.IndexOf(header, ["symsuffix"]);
        if (columns.Date is null && preset is null)
            layout.TakeDate(columns, sample);
        if (columns.Size is null && preset is null)
            layout.TakeSize(sample);
        if (layout.TakeSide(columns, sample, preset) is { } noSide)
            return $"it has no column '{noSide}', which Producer:Replay:Columns names; its columns are {CsvNames.Listed(header)}";
        return layout.Missing(TickField.Price) ?? layout.Missing(TickField.Time);
    }

    /// <summary>What a field is taken from, for people, or null.</summary>
    public string? Source(TickField field) =>
        ConstantOf(field) is { } constant ? $"always {Encoding.UTF8.GetString(constant)}"
        : field == TickField.Symbol && SymbolSuffix >= 0
            ? $"{CsvNames.Shown(Header[this[field]])}.{CsvNames.Shown(Header[SymbolSuffix])}"
        : this[field] >= 0 ? CsvNames.Shown(Header[this[field]])
        : null;

    /// <summary>Why no row could be a trade without this field, or null.</summary>
    public string? Missing(TickField field, string orElse = "")
    {
        string setting = field == TickField.Time ? nameof(CsvColumns.Timestamp) : field.ToString();
        return this[field] >= 0 || ConstantOf(field) is not null
            ? null
            : $"no column is known to hold the {setting.ToLowerInvariant()}; its columns are {CsvNames.Listed(Header)}. "
                + $"Name it with Producer:Replay:Columns:{setting}{orElse}";
    }

    /// <summary>Sets what the filter looks at. Returns null, or a column that is not there.</summary>
    public string? TrySetConditions(FieldFilter filter)
    {
        _conditions = [.. filter.Places.Select(place => CsvNames.Exact(Header, place))];
        int unknown = Array.IndexOf(_conditions, -1);
        return unknown < 0 ? null : filter.Places[unknown];
    }

    /// <summary>Takes what is set, else what the preset has, else the likeliest. Returns a name that is set and not there.</summary>
    private string? Take(TickField field, string? configured, Preset? preset)
    {
        if (configured is not null && configured.StartsWith('/'))
            configured = null; // a pointer into JSON
        if (configured is not null && configured.StartsWith(Constant, StringComparison.Ordinal))
        {
            _constants[(int)field] = Encoding.UTF8.GetBytes(configured[Constant.Length..]);
            return null;
        }

        if (configured is not null)
        {
            _columns[(int)field] = configured.Length == 0 ? -1 : CsvNames.Exact(Header, configured);
            return configured.Length > 0 && this[field] < 0 ? configured : null;
        }

        bool isRequired = field is TickField.Price or TickField.Time or TickField.Symbol;
        if (preset?.Column(field) is { } known)
            _columns[(int)field] = CsvNames.Exact(Header, known);
        if (this[field] < 0 && field != TickField.Date && (preset is null || isRequired) && field != TickField.Side)
            _columns[(int)field] = CsvNames.Find(Header, field).FirstOrDefault(-1);
        return null;
    }

    /// <summary>A column with the date belongs to a time that may be one of day: by its name or values, or as a person named it.</summary>
    private void TakeDate(CsvColumns columns, CsvSample sample)
    {
        int time = this[TickField.Time];
        bool mayBeTimeOfDay = time >= 0 && (columns.Timestamp is not null
            || CsvNames.TimesOfDay.Contains(new CsvName(Header[time]).Letters) || sample.HasTimesOfDay(time));
        int date = mayBeTimeOfDay ? CsvNames.Find(Header, TickField.Date).FirstOrDefault(-1) : -1;
        _columns[(int)TickField.Date] = date == time ? -1 : date;
    }

    /// <summary>The likeliest column by its name, unless the rows show that it is the turnover of another.</summary>
    private void TakeSize(CsvSample sample)
    {
        int price = this[TickField.Price];
        int[] candidates = [.. CsvNames.Find(Header, TickField.Size).Distinct().Where(column => column != price)];
        int size = candidates.FirstOrDefault(-1);
        if (price >= 0 && candidates.Skip(1).FirstOrDefault(other => sample.IsTurnover(size, price, other), -1) is >= 0 and var other)
            size = other;
        _columns[(int)TickField.Size] = size;
    }

    /// <summary>Some names may mean something else: their values have to be sides.</summary>
    private bool IsSide(int column, CsvSample sample) => new CsvName(Header[column]).Letters is "side" or "takerside" or "aggressorside"
        || (SideNames.TryParse(Words, false, out SideNames words) is null && sample.Holds(column, words));

    private string? TakeSide(CsvColumns columns, CsvSample sample, Preset? preset)
    {
        ref int side = ref _columns[(int)TickField.Side];
        if (columns.BuyerIsMaker is { Length: > 0 } maker && !maker.StartsWith('/'))
        {
            (side, Sides) = (CsvNames.Exact(Header, maker), TrueIsSell);
            return side < 0 ? maker : null;
        }

        if (columns.Side is null && preset is null)
        {
            side = CsvNames.Find(Header, TickField.Side).FirstOrDefault(column => IsSide(column, sample), -1);
            if (side < 0 && columns.BuyerIsMaker is null)
                side = CsvNames.IndexOf(Header, CsvNames.TrueIsSell);
            if (side < 0)
                side = CsvNames.IndexOf(Header, CsvNames.TrueIsBuy);
            if (side < 0 && CsvNames.IndexOf(Header, ["type"]) is >= 0 and var type && IsSide(type, sample))
                side = type;
        }

        if (side < 0)
            return null;
        string letters = new CsvName(Header[side]).Letters;
        Sides = CsvNames.TrueIsSell.Contains(letters) ? TrueIsSell
            : CsvNames.TrueIsBuy.Contains(letters) ? TrueIsBuy
            : CsvNames.MakersSide.Contains(letters) ? MakersWords
            : Words;
        return null;
    }
}
