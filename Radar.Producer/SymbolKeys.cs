using System.Text;

namespace Radar.Producer;

/// <summary>What is remembered of each symbol that is sent: the key of its messages, and what of it is traced. One user.</summary>
internal sealed class SymbolKeys
{
    // More symbols than any market has; those beyond cost an array per tick, and share one trace budget.
    private const int KeysMax = 1 << 20;

    private readonly Dictionary<string, SymbolKey> _keys = new(StringComparer.Ordinal);
    private readonly TraceBudget _others = new();
    private readonly int _keysMax;

    public SymbolKeys(int keysMax = KeysMax) => _keysMax = keysMax;

    /// <summary>The key of a symbol, in UTF-8, and its trace budget.</summary>
    public SymbolKey Of(string symbol)
    {
        if (_keys.TryGetValue(symbol, out SymbolKey? known))
            return known;
        byte[] utf8 = Encoding.UTF8.GetBytes(symbol);
        if (_keys.Count >= _keysMax)
            return new SymbolKey(utf8, _others);
        var key = new SymbolKey(utf8, new TraceBudget());
        _keys.Add(symbol, key);
        return key;
    }
}

/// <summary>One symbol's key and trace budget.</summary>
internal sealed record SymbolKey(byte[] Utf8, TraceBudget Traces)
{
    /// <summary>Venue of the tick that was sent last.</summary>
    public string? Venue { get; set; }
}

/// <summary>How many ticks were traced in the second that was looked at last.</summary>
internal sealed class TraceBudget
{
    /// <summary>Of the clock that <see cref="SendTrace"/> reads; -1 before the first.</summary>
    public long Second { get; set; } = -1;

    public int Traced { get; set; }
}
