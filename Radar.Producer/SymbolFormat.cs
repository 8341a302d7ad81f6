using System.Diagnostics.CodeAnalysis;
using System.Text;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>Names a tick by its symbol and venue, by <see cref="ProducerOptions.SymbolFormat"/>. Caches names; not thread-safe.</summary>
internal sealed class SymbolFormat
{
    private const string Symbol = "{symbol}";
    private const string Venue = "{venue}";
    private const int RememberedMax = 200_000;

    /// <summary>The venue's own name of the symbol.</summary>
    public static SymbolFormat Plain => new(Symbol, SymbolRule.Upper, null);

    private readonly string _format;
    private readonly SymbolSpellings _spellings;
    private readonly Dictionary<(string Symbol, string? Venue), (string? Name, TickRefusal Refusal, string Fault)> _names = [];
    private (string? Symbol, string? Venue, string? Name) _last;

    private SymbolFormat(string format, SymbolRule rule, SymbolSpellings? spellings) =>
        (_format, Rule, _spellings) = (format, rule, spellings ?? new SymbolSpellings());

    /// <summary>How the names are spelled.</summary>
    public SymbolRule Rule { get; }

    /// <summary>Whether each venue spells symbols as it likes, as in messages of several.</summary>
    public bool SpellingsAreOfVenues { get; set; }

    /// <summary>Why the last tick has no name, for people and without a full stop.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>The same for programs.</summary>
    public TickRefusal Refusal { get; private set; }

    /// <summary>False where the format is none.</summary>
    /// <param name="format">With <c>{symbol}</c>.</param>
    /// <param name="rule">Whether names keep the case of what they are made of.</param>
    /// <param name="created">The format.</param>
    /// <param name="spellings">Of all files of a run; null where each symbol has one spelling.</param>
    public static bool TryCreate(
        string format, SymbolRule rule, [NotNullWhen(true)] out SymbolFormat? created, SymbolSpellings? spellings = null)
    {
        string rest = format.Replace(Symbol, "", StringComparison.Ordinal).Replace(Venue, "", StringComparison.Ordinal);
        bool valid = format.Contains(Symbol, StringComparison.Ordinal)
            && (rest.Length == 0 || SymbolName.IsValid(Encoding.UTF8.GetBytes(rest)));
        created = valid ? new SymbolFormat(format, rule, spellings) : null;
        return valid;
    }

    /// <summary>
    /// The name of <paramref name="tick"/>, whose symbol may be in any case; null where it would not be a symbol, or, where names are
    /// upper-cased, differs in case only from one that came before. A missing venue is <c>UNKNOWN</c>.
    /// </summary>
    public string? Name(in Tick tick)
    {
        if (ReferenceEquals(tick.Symbol, _last.Symbol) && ReferenceEquals(tick.Venue, _last.Venue))
            return _last.Name;
        if (!_names.TryGetValue((tick.Symbol, tick.Venue), out var known))
        {
            known = Make(tick);
            if (_names.Count < RememberedMax)
                _names.Add((tick.Symbol, tick.Venue), known);
        }

        (Refusal, Fault) = (known.Refusal, known.Fault);
        if (known.Name is not null)
            _last = (tick.Symbol, tick.Venue, known.Name);
        return known.Name;
    }

    private (string? Name, TickRefusal Refusal, string Fault) Make(in Tick tick)
    {
        string none = $"Producer:SymbolFormat makes no symbol of '{LogText.Of(tick.Symbol)}' at '{LogText.Of(tick.Venue ?? "")}'";
        if (!Rule.TryNormalize(tick.Symbol, out string symbol))
            return (null, TickRefusal.BadSymbol, none);
        string text = _format == Symbol
            ? symbol
            : _format.Replace(Symbol, symbol, StringComparison.Ordinal).Replace(Venue, tick.Venue ?? "UNKNOWN", StringComparison.Ordinal);
        if (!Rule.TryNormalize(text, out string name))
            return (null, TickRefusal.BadSymbol, none);
        string first = Rule.KeepsCase ? tick.Symbol : _spellings.First(name, SpellingsAreOfVenues ? tick.Venue : null, tick.Symbol);
        return first == tick.Symbol
            ? (Same(tick.Symbol, name), TickRefusal.None, "")
            : (null, TickRefusal.AnotherSpelling,
                $"the symbol '{LogText.Of(tick.Symbol)}' differs in case only from '{LogText.Of(first)}', which came before; "
                + "symbols are upper-cased (Producer:SymbolCase)");
    }

    /// <summary>The same string where it is one, so that ticks need not be copied.</summary>
    private static string Same(string symbol, string name) => symbol == name ? symbol : name;
}
