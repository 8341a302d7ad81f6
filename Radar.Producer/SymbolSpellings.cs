namespace Radar.Producer;

/// <summary>
/// How the symbol behind each name was spelled first: names are upper-cased, so that tickers that differ in case only (TPC, TpC) would
/// become one. One user.
/// </summary>
internal sealed class SymbolSpellings
{
    // More symbols than any market has.
    private const int SymbolsMax = 1 << 20;

    private readonly Dictionary<(string Name, string? Venue), string> _first = [];

    /// <summary>The spelling that came first; <paramref name="spelled"/> itself where that is the first, or cannot be remembered.</summary>
    /// <param name="name">As the topic has it.</param>
    /// <param name="venue">Whose spellings are meant; null where they are those of all.</param>
    /// <param name="spelled">The symbol, as the record has it.</param>
    public string First(string name, string? venue, string spelled)
    {
        if (_first.TryGetValue((name, venue), out string? first))
            return first;
        if (_first.Count < SymbolsMax)
            _first.Add((name, venue), spelled);
        return spelled;
    }
}
