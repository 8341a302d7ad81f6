using System.Buffers;
using Radar.Market.Store;

namespace Radar.Market.Projection;

/// <summary>
/// The projection of one symbol recreated from its log, without Redis: what the state has to be, for whoever checks it. Everything is
/// kept in memory, about 1 KB per bar.
/// </summary>
public sealed class SymbolFold
{
    private readonly SymbolState _state;
    private readonly int _tradesRetained;
    private readonly Queue<(Tick Tick, long Offset)> _trades = new();

    /// <summary>A symbol that has nothing yet.</summary>
    /// <param name="symbol">Upper-cased.</param>
    /// <param name="options">Those of the consumer.</param>
    public SymbolFold(string symbol, ProjectionOptions options)
    {
        _state = new SymbolState(symbol, options.RetentionMs());
        _tradesRetained = options.TradesRetained;
    }

    /// <summary>Ticks that were added.</summary>
    public long Ticks { get; private set; }

    /// <summary>The latest trade as it is served; null before the first tick.</summary>
    public byte[]? Latest => _state.Latest is { } latest ? Public(output => StoredRecord.WriteLatest(output, latest)) : null;

    /// <summary>The trades that are kept, with their offsets, in offset order, as they are served.</summary>
    public IReadOnlyList<(long Offset, byte[] Trade)> Trades =>
        [.. _trades.Select(trade => (trade.Offset, Public(output => StoredRecord.WriteTrade(output, trade.Tick, trade.Offset))))];

    /// <summary>Adds the next tick of the symbol; offsets rise.</summary>
    public void Add(in Tick tick, long offset)
    {
        _state.Apply(tick, offset, traceParent: null);
        _trades.Enqueue((tick, offset));
        if (_trades.Count > _tradesRetained)
            _trades.Dequeue();
        Ticks++;
    }

    /// <summary>The bars that are kept, with their open times (Unix ms) and counts of trades, in order, as they are served.</summary>
    public IReadOnlyList<(long OpenTime, long Count, byte[] Bar)> Bars(Timeframe timeframe)
    {
        if (_state.Latest is not { } latest)
            return [];
        _state.Fold();
        BarWindow window = _state.Windows[timeframe.Index];
        long horizon = window.Horizon(latest.TimestampMs);
        return
        [
            .. window.Dirty.Where(bar => bar.OpenTime >= horizon).OrderBy(bar => bar.OpenTime)
                .Select(bar => (bar.OpenTime, bar.Count, Public(output => StoredRecord.WriteBar(output, bar)))),
        ];
    }

    private static byte[] Public(Action<IBufferWriter<byte>> write)
    {
        var record = new ArrayBufferWriter<byte>(512);
        write(record);
        return StoredRecord.Public(record.WrittenSpan).ToArray();
    }
}
