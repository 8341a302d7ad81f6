using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Radar.Api.Board;

/// <summary>
/// The symbols of the board: by name, and in ordinal order. Sorting takes its time, so what becomes of the table is arranged first and
/// put in place afterwards, under the board's lock for readers. One writer at a time.
/// </summary>
internal sealed class SymbolTable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private Entry[] _bySymbol = []; // the same in ordinal order of their symbols

    /// <summary>Null where the symbol is unknown.</summary>
    public BoardTicker? Find(string symbol) => _entries.GetValueOrDefault(symbol)?.Ticker;

    /// <summary>Those of <paramref name="symbols"/> that are known, or all where it is null, in ordinal order.</summary>
    public ImmutableArray<BoardTicker> Read(IReadOnlyCollection<string>? symbols)
    {
        Entry[] entries = symbols is null
            ? _bySymbol
            : [.. symbols.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(_entries.GetValueOrDefault)
                .OfType<Entry>()];
        var tickers = new BoardTicker[entries.Length];
        for (int i = 0; i < tickers.Length; i++)
            tickers[i] = entries[i].Ticker;
        return ImmutableCollectionsMarshal.AsImmutableArray(tickers);
    }

    public void Clear()
    {
        _entries.Clear();
        _bySymbol = [];
    }

    /// <summary>Arranges the table as it will be; nothing changes yet.</summary>
    /// <param name="tickers">What becomes of which symbols.</param>
    /// <param name="replaced">Partition whose other symbols are removed; null is none.</param>
    public Arrangement Arrange(List<BoardTicker> tickers, int? replaced)
    {
        Entry[] removed = replaced is null ? [] : Array.FindAll(_bySymbol, entry => entry.Ticker.Partition == replaced);
        Entry[] kept = removed.Length == 0 ? _bySymbol : Array.FindAll(_bySymbol, entry => entry.Ticker.Partition != replaced);
        var added = new List<Entry>();
        foreach (BoardTicker ticker in tickers)
        {
            if (!_entries.TryGetValue(ticker.Symbol, out Entry? entry) || entry.Ticker.Partition == replaced)
                added.Add(new Entry(ticker));
        }

        if (added.Count == 0)
            return new Arrangement(tickers, kept, added, removed);
        added.Sort(static (left, right) => string.CompareOrdinal(left.Ticker.Symbol, right.Ticker.Symbol));
        var merged = new Entry[kept.Length + added.Count];
        for (int i = 0, old = 0, young = 0; i < merged.Length; i++)
        {
            bool isOld = young == added.Count
                || (old < kept.Length && string.CompareOrdinal(kept[old].Ticker.Symbol, added[young].Ticker.Symbol) < 0);
            merged[i] = isOld ? kept[old++] : added[young++];
        }

        return new Arrangement(tickers, merged, added, removed);
    }

    /// <summary>Puts an arrangement of this table in place.</summary>
    public void Put(in Arrangement next)
    {
        foreach (Entry entry in next.Removed)
            _entries.Remove(entry.Ticker.Symbol);
        foreach (Entry entry in next.Added)
            _entries.Add(entry.Ticker.Symbol, entry);
        foreach (BoardTicker ticker in next.Tickers)
            _entries[ticker.Symbol].Ticker = ticker;
        _bySymbol = next.BySymbol;
    }

    /// <summary>A symbol's ticker; a list of all of them need not look each up.</summary>
    internal sealed class Entry(BoardTicker ticker)
    {
        public BoardTicker Ticker { get; set; } = ticker;
    }

    /// <summary>Entries in ordinal order of their symbols, which of them are new, and which are removed.</summary>
    internal readonly record struct Arrangement(List<BoardTicker> Tickers, Entry[] BySymbol, List<Entry> Added, Entry[] Removed);
}
