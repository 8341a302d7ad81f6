using System.Buffers;
using Radar.Market.Projection;

namespace Radar.Market.Store;

/// <summary>What a <see cref="SymbolFold"/> amounts to, in the JSON that is served; see <see cref="StoredRecord"/>.</summary>
public static class FoldRecords
{
    /// <summary>The latest trade; null before the first tick.</summary>
    public static byte[]? LatestJson(this SymbolFold fold) =>
        fold.Latest is { } latest ? Public(output => StoredRecord.WriteLatest(output, latest)) : null;

    /// <summary>The trades that are kept, with their offsets, in offset order.</summary>
    public static IReadOnlyList<(long Offset, byte[] Trade)> TradesJson(this SymbolFold fold) =>
        [.. fold.Trades.Select(trade => (trade.Offset, Public(output => StoredRecord.WriteTrade(output, trade.Tick, trade.Offset))))];

    /// <summary>The bars that are kept, with their open times (Unix ms) and counts of trades, in time order.</summary>
    public static IReadOnlyList<(long OpenTime, long Count, byte[] Bar)> BarsJson(this SymbolFold fold, Timeframe timeframe) =>
        [.. fold.Bars(timeframe).Select(bar => (bar.OpenTime, bar.Count, Public(output => StoredRecord.WriteBar(output, bar))))];

    private static byte[] Public(Action<IBufferWriter<byte>> write)
    {
        var record = new ArrayBufferWriter<byte>(512);
        write(record);
        return StoredRecord.Public(record.WrittenSpan).ToArray();
    }
}
