using System.Collections.Immutable;
using Radar.Market;

namespace Radar.Api.Access;

/// <summary>Which symbols a key may see: symbols, and beginnings or ends of them with <c>*</c> for the rest, as <c>BTC*</c>.</summary>
internal sealed class SymbolPatterns : IEquatable<SymbolPatterns>
{
    public const string Rule = "a symbol, or a part of one with * for the rest, as BTC*, *USDT or XBT*USD";

    private readonly ImmutableArray<(string Start, string End, bool IsOpen)> _patterns;

    private SymbolPatterns(ImmutableArray<string> texts)
    {
        Texts = texts;
        _patterns = [.. texts.Select(static text => text.Split('*') is [var start, var end] ? (start, end, true) : (text, "", false))];
    }

    /// <summary>As they were given, spelled as symbols are.</summary>
    public ImmutableArray<string> Texts { get; }

    /// <summary>Patterns of no symbol.</summary>
    public static SymbolPatterns None { get; } = new([]);

    /// <summary>Reads patterns; <paramref name="wrong"/> is the first that is none.</summary>
    /// <param name="texts">The patterns.</param>
    /// <param name="symbols">Whether case counts in them.</param>
    /// <param name="wrong">Empty where all are right.</param>
    public static SymbolPatterns? TryParse(IEnumerable<string?> texts, SymbolRule symbols, out string wrong)
    {
        var patterns = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string? text in texts)
        {
            wrong = text ?? "null";
            if (text is null)
                return null;
            string[] parts = text.Split('*');
            if (parts.Length > 2 || text.Length == 0)
                return null;
            var normalized = new List<string>();
            foreach (string part in parts)
            {
                string symbol = "";
                if (part.Length > 0 && !symbols.TryNormalize(part, out symbol))
                    return null;
                normalized.Add(symbol);
            }

            patterns.Add(string.Join('*', normalized));
        }

        wrong = "";
        return new SymbolPatterns([.. patterns]);
    }

    /// <summary>Whether one of them is of this symbol.</summary>
    /// <param name="symbol">Normalized.</param>
    public bool Allow(string symbol)
    {
        foreach (var (start, end, isOpen) in _patterns)
        {
            if (isOpen
                ? symbol.Length >= start.Length + end.Length && symbol.StartsWith(start, StringComparison.Ordinal)
                    && symbol.EndsWith(end, StringComparison.Ordinal)
                : symbol == start)
                return true;
        }

        return false;
    }

    public bool Equals(SymbolPatterns? other) => other is not null && Texts.SequenceEqual(other.Texts);

    public override bool Equals(object? obj) => Equals(obj as SymbolPatterns);

    public override int GetHashCode() => Texts.Aggregate(0, HashCode.Combine);

    public override string ToString() => string.Join(", ", Texts);
}
