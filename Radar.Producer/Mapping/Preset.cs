using System.Text.RegularExpressions;

namespace Radar.Producer.Mapping;

/// <summary>A known format, as data: what it looks like, where its fields are, and what they mean; see <see cref="Presets"/>.</summary>
/// <param name="Name">Value of the setting <c>Preset</c>. Several formats of one vendor share it.</param>
/// <param name="Title">For people.</param>
internal sealed record Preset(string Name, string Title)
{
    private readonly Regex? _symbolInName;

    /// <summary>
    /// Columns of the CSV, one per field: <c>symbol=ticker price=price time=sip_timestamp</c>. A field that is not named has no column.
    /// </summary>
    public string? Columns { get; init; }

    /// <summary>Columns that a header has to have to be this format: without them only the setting chooses it.</summary>
    public string[] Signature { get; init; } = [];

    /// <summary>
    /// The header that its files lack, and what their columns hold, a letter each: <c>i</c> whole number, <c>d</c> number, <c>t</c> Unix
    /// time, <c>b</c> true or false, <c>s</c> any text.
    /// </summary>
    public (string Header, string Shape)? Headerless { get; init; }

    /// <summary>Where a file's path, with <c>/</c>, has the symbol: a group <c>symbol</c>.</summary>
    public string? SymbolInName
    {
        get => _symbolInName?.ToString();
        init => _symbolInName = value is null ? null : new Regex(
            value, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);
    }

    /// <summary>Recognised only where the path has the symbol: its columns alone might be somebody else's.</summary>
    public bool NeedsName { get; init; }

    /// <summary>Never but where the path has the symbol, also where the setting names it: its columns alone mean another format.</summary>
    public bool IsByNameOnly { get; init; }

    /// <summary>Fields of its JSON, one pointer each: <c>symbol=/s price=/p</c>; null where it has none.</summary>
    public string? Json { get; init; }

    /// <summary>Pointer to the list of trades in its JSON, or null.</summary>
    public string? Items { get; init; }

    /// <summary>Members that a JSON record has to have to be this format without the setting.</summary>
    public string[] JsonSignature { get; init; } = [];

    /// <summary>Condition on its JSON records.</summary>
    public string? JsonFilter { get; init; }

    /// <summary>As the setting of the same name.</summary>
    public string? Sides { get; init; }

    /// <summary>As the setting of the same name.</summary>
    public bool SideFromSize { get; init; }

    /// <summary>Scale of prices that are whole numbers throughout; with a fraction they are what they say.</summary>
    public decimal? PriceScale { get; init; }

    /// <summary>As the setting of the same name.</summary>
    public string? TimeZone { get; init; }

    /// <summary>As the setting of the same name.</summary>
    public string? Filter { get; init; }

    /// <summary>Venue of records that name none.</summary>
    public string? Venue { get; init; }

    /// <summary>The column of a field, or null.</summary>
    public string? Column(TickField field) => Find(Columns, field);

    /// <summary>The pointer of a field, or null.</summary>
    public string? Pointer(TickField field) => Find(Json, field);

    /// <summary>The symbol in a path, or null. Where it has a slash, the name has it escaped.</summary>
    public string? SymbolIn(string path) =>
        _symbolInName?.Match(path) is { Success: true } match ? Uri.UnescapeDataString(match.Groups["symbol"].Value) : null;

    /// <summary>This format for JSON, with the filter of its JSON.</summary>
    public Preset ForJson() => this with { Filter = JsonFilter };

    private static string? Find(string? places, TickField field)
    {
        string prefix = field switch
        {
            TickField.TradeId => "id=",
            _ => field.ToString().ToLowerInvariant() + "=",
        };
        return places?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(place => place.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
    }
}
