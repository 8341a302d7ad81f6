using System.Text;

namespace Radar.Producer;

/// <summary>The keys of messages, one array per symbol. One user.</summary>
internal sealed class SymbolKeys
{
    // More symbols than any market has; those beyond cost an array per tick.
    private const int KeysMax = 1 << 20;

    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    /// <summary>The key of a symbol, in UTF-8.</summary>
    public byte[] Of(string symbol)
    {
        if (_keys.TryGetValue(symbol, out byte[]? key))
            return key;
        key = Encoding.ASCII.GetBytes(symbol);
        if (_keys.Count < KeysMax)
            _keys.Add(symbol, key);
        return key;
    }
}
