using Radar.Market.Store;

namespace Radar.Market.Projection;

/// <summary>
/// Decides whether a partition takes one more symbol. It takes those that it has, and new ones while it has fewer than <see cref="Max"/>;
/// symbols never leave, so what is decided follows from the log alone, whoever reads it and in whatever batches.
/// </summary>
/// <remarks>
/// Whether a symbol that is not in memory is new is known to Redis only. Far from the limit nobody asks: there is room even if all of
/// them are new. Where that room is used up, the names are read once, and decide from then on.
/// </remarks>
internal sealed class SymbolLimit(StoredSymbols stored)
{
    private bool _hasCount;
    private long _room;
    private HashSet<string>? _names;

    /// <summary>Most symbols of the partition.</summary>
    public long Max { get; set; } = long.MaxValue;

    /// <summary>Somebody else may have written since.</summary>
    public void Forget() => (_hasCount, _room, _names) = (false, 0, null);

    /// <summary>Whether a symbol that is not in memory is taken.</summary>
    public SymbolAdmission Admit(string symbol)
    {
        if (_names is null)
        {
            if (_room == 0)
                return SymbolAdmission.Unknown;
            _room--;
            return SymbolAdmission.Admitted;
        }

        if (_names.Contains(symbol))
            return SymbolAdmission.Admitted;
        if (_names.Count >= Max)
            return SymbolAdmission.TooMany;
        _names.Add(symbol);
        return SymbolAdmission.Admitted;
    }

    /// <summary>Asks Redis, after <see cref="SymbolAdmission.Unknown"/>: how many symbols there are, or, where that does not do, which.</summary>
    /// <param name="inMemory">Symbols that were taken already, stored or not.</param>
    public async Task LookAsync(IReadOnlyCollection<string> inMemory)
    {
        if (!_hasCount)
        {
            _room = Math.Max(0, Max - await stored.CountAsync() - inMemory.Count);
            _hasCount = true;
        }

        if (_room == 0)
            _names = [.. await stored.NamesAsync(), .. inMemory];
    }
}

/// <summary>Whether a partition takes a symbol.</summary>
public enum SymbolAdmission : byte
{
    /// <summary>It does.</summary>
    Admitted,

    /// <summary>It is not known: ask Redis first, then again.</summary>
    Unknown,

    /// <summary>It does not: the symbol is new, and there are as many as may be.</summary>
    TooMany,
}
