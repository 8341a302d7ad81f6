using System.Collections.Immutable;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>
/// Knows which partition has which symbols, and so which symbols two partitions have. Looks only into partitions whose number of
/// symbols changed since it last looked.
/// </summary>
internal sealed class SymbolDirectory(MarketReader reader) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private MarketLayout _layout;
    private string[][] _symbols = [];
    private ImmutableArray<SharedSymbol> _shared = [];

    /// <summary>Looks again. Returns the symbols that live in two partitions, with both; the first two where there are more.</summary>
    public async Task<ImmutableArray<SharedSymbol>> SharedAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (await reader.LayoutAsync() is { } layout && await RefreshAsync(layout))
                _shared = FindShared();
            return _shared;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>True where something changed.</summary>
    private async Task<bool> RefreshAsync(MarketLayout layout)
    {
        if (layout != _layout)
            (_layout, _symbols) = (layout, [.. Enumerable.Repeat(Array.Empty<string>(), layout.PartitionCount)]);

        bool changed = false;
        long[] counts = await Task.WhenAll(layout.Partitions.Select(reader.SymbolCountAsync));
        foreach (RedisKeys keys in layout.Partitions)
        {
            if (counts[keys.Partition] == _symbols[keys.Partition].Length)
                continue;
            _symbols[keys.Partition] = await reader.SymbolsAsync(keys);
            changed = true;
        }

        return changed;
    }

    private ImmutableArray<SharedSymbol> FindShared()
    {
        var partitionOf = new Dictionary<string, int>(StringComparer.Ordinal);
        var shared = new SortedDictionary<string, SharedSymbol>(StringComparer.Ordinal);
        for (int partition = 0; partition < _symbols.Length; partition++)
        {
            foreach (string symbol in _symbols[partition])
            {
                if (!partitionOf.TryAdd(symbol, partition))
                    shared.TryAdd(symbol, new SharedSymbol(symbol, partitionOf[symbol], partition));
            }
        }

        return [.. shared.Values];
    }
}

/// <summary>A symbol that two producers placed differently.</summary>
internal readonly record struct SharedSymbol(string Symbol, int First, int Second);
