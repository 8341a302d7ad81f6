using System.Collections.Immutable;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.Endpoints;

/// <summary>A page of a list of symbols. Pages are cut by symbol: symbols that arrive meanwhile move none of the others.</summary>
internal readonly record struct SymbolPage<T>(ImmutableArray<T> Items, string? Last)
{
    public ReadOnlyMemory<byte>[] ConvertAll(Func<T, ReadOnlyMemory<byte>> item)
    {
        var items = new ReadOnlyMemory<byte>[Items.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = item(Items[i]);
        return items;
    }

    /// <summary>From the last item to the meta.</summary>
    public string Tail(in SymbolQuery query) =>
        Last is null ? "],\"next_page_token\":null," : $"],\"next_page_token\":\"{SymbolPageToken.Format(Last, query)}\",";
}

internal static class SymbolPage
{
    /// <summary>Cuts a page.</summary>
    /// <param name="all">In ordinal order.</param>
    /// <param name="symbolOf">An item's symbol.</param>
    /// <param name="prefix">What the symbols begin with.</param>
    /// <param name="behind">The last symbol of the page before, or null.</param>
    /// <param name="limit">Most items to take.</param>
    public static SymbolPage<T> Cut<T>(ImmutableArray<T> all, Func<T, string> symbolOf, string prefix, string? behind, int limit)
    {
        int first = behind is null ? At(prefix, after: false) : At(behind, after: true);
        int end = first;
        while (end < all.Length && end - first < limit && symbolOf(all[end]).StartsWith(prefix, StringComparison.Ordinal))
            end++;
        bool more = end - first == limit && end < all.Length && symbolOf(all[end]).StartsWith(prefix, StringComparison.Ordinal);
        return new SymbolPage<T>(all[first..end], more ? symbolOf(all[end - 1]) : null);

        // The first item whose symbol is not before, or is after, the given one.
        int At(string symbol, bool after)
        {
            int low = 0, high = all.Length;
            while (low < high)
            {
                int middle = (low + high) / 2;
                int order = string.CompareOrdinal(symbolOf(all[middle]), symbol);
                if (order < 0 || (after && order == 0))
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }
}
