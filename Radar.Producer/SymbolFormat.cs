using System.Diagnostics.CodeAnalysis;
using System.Text;
using Radar.Market;

namespace Radar.Producer;

/// <summary>Names a tick by its symbol and venue, by <see cref="ProducerOptions.SymbolFormat"/>. Caches names; not thread-safe.</summary>
internal sealed class SymbolFormat
{
    private const string Symbol = "{symbol}";
    private const string Venue = "{venue}";
    private const int RememberedMax = 200_000;

    /// <summary>The venue's own name of the symbol.</summary>
    public static SymbolFormat Plain => new(Symbol);

    private readonly string _format;
    private readonly Dictionary<(string Symbol, string? Venue), string> _names = [];

    private SymbolFormat(string format) => _format = format;

    public static bool TryCreate(string format, [NotNullWhen(true)] out SymbolFormat? created)
    {
        string rest = format.Replace(Symbol, "", StringComparison.Ordinal).Replace(Venue, "", StringComparison.Ordinal);
        bool valid = format.Contains(Symbol, StringComparison.Ordinal)
            && (rest.Length == 0 || SymbolName.IsValid(Encoding.UTF8.GetBytes(rest)));
        created = valid ? new SymbolFormat(format) : null;
        return valid;
    }

    /// <summary>The name of <paramref name="tick"/>; null where it would not be a symbol. A missing venue is <c>UNKNOWN</c>.</summary>
    public string? Name(in Tick tick)
    {
        if (_format == Symbol)
            return tick.Symbol;
        if (_names.TryGetValue((tick.Symbol, tick.Venue), out string? known))
            return known;
        string text = _format.Replace(Symbol, tick.Symbol, StringComparison.Ordinal)
            .Replace(Venue, tick.Venue ?? "UNKNOWN", StringComparison.Ordinal);
        if (!SymbolName.TryNormalize(text, out string name))
            return null;
        if (_names.Count < RememberedMax)
            _names.Add((tick.Symbol, tick.Venue), name);
        return name;
    }
}
