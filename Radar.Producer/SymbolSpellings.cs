namespace Radar.Producer;

/// <summary>
/// How each symbol of a venue was spelled first: symbols are upper-cased, so that tickers that differ in case only (TPC, TpC) would become
/// one. One user.
/// </summary>
internal sealed class SymbolSpellings
{
    // More symbols than any market has.
    private const int SymbolsMax = 1 << 20;

    private readonly Dictionary<(string Symbol, string? Venue), string> _first = [];

    /// <summary>The spelling that came first; <paramref name="spelled"/> itself where that is the first, or cannot be remembered.</summary>
    /// <param name="symbol">Upper-cased.</param>
    /// <param name="venue">Venues spell for themselves.</param>
    /// <param name="spelled">As the record has it.</param>
    public string First(string symbol, string? venue, string spelled)
    {
        if (_first.TryGetValue((symbol, venue), out string? first))
            return first;
        if (_first.Count < SymbolsMax)
            _first.Add((symbol, venue), spelled);
        return spelled;
    }
}
