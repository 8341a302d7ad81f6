namespace Radar.Market.Projection;

/// <summary>
/// Decides whether a partition admits one more symbol. It admits those that it has, and new ones while it has fewer than
/// <see cref="Max"/>. Symbols are never removed, so the decision follows from the log alone, for every reader and every batch.
/// </summary>
/// <remarks>
/// Only the store knows whether a symbol that is not in memory is new. Far from the limit it is not asked: there is room even if all of
/// them are new. When that room is used up, the names are read once, and decide from then on.
/// </remarks>
internal sealed class SymbolLimit
{
    private bool _hasCount;
    private long _room;
    private HashSet<string>? _names;

    /// <summary>Most symbols of the partition.</summary>
    public long Max { get; set; } = long.MaxValue;

    /// <summary>After <see cref="SymbolAdmission.Unknown"/>: <see cref="SetCount"/> is needed.</summary>
    public bool NeedsCount => !_hasCount;

    /// <summary>After <see cref="SymbolAdmission.Unknown"/> and a count: that does not decide, <see cref="SetNames"/> is needed.</summary>
    public bool NeedsNames => _room == 0;

    /// <summary>Forgets what was stored: another consumer may have written since.</summary>
    public void Forget() => (_hasCount, _room, _names) = (false, 0, null);

    /// <summary>Whether a symbol that is not in memory is admitted.</summary>
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

    /// <summary>How many symbols are stored, and how many are in memory, stored or not.</summary>
    public void SetCount(long stored, int inMemory) => (_room, _hasCount) = (Math.Max(0, Max - stored - inMemory), true);

    /// <summary>The names of the symbols that are stored, and of those in memory.</summary>
    public void SetNames(IEnumerable<string> stored, IEnumerable<string> inMemory) => _names = [.. stored, .. inMemory];
}

/// <summary>Whether a partition admits a symbol.</summary>
public enum SymbolAdmission : byte
{
    /// <summary>It does.</summary>
    Admitted,

    /// <summary>Not known: read what the store has, then ask again.</summary>
    Unknown,

    /// <summary>It does not: the symbol is new, and the partition has as many as it may have.</summary>
    TooMany,
}
