using System.Globalization;
using System.Text;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Tests.Api.Board;

/// <summary>Changes and states made by hand, for a board without a Redis.</summary>
internal static class Changes
{
    public static readonly TopicIdentity Topic = new("market-ticks", null, 3);

    public static readonly MarketLayout Layout = new("1", Topic);

    /// <summary>A change in which each symbol gets one trade, of which the offset is the price too.</summary>
    public static Change Of(long? expected, long reached, params (string Symbol, long TimestampMs, long Offset)[] trades) =>
        new(expected, new PartitionPosition(reached, Topic, 0), [.. trades.Select(trade => new ChangedSymbol(
            trade.Symbol, Latest(trade), default, [Trade(trade.TimestampMs, trade.Offset)], []))]);

    /// <summary>What is read where nothing is stored.</summary>
    public static readonly PartitionRead<SymbolRecord> Nothing = new(null, []);

    public static PartitionRead<SymbolRecord> State(long position, params (string Symbol, long TimestampMs, long Offset)[] latest) =>
        new(new PartitionPosition(position, Topic, 0), [.. latest.Select(trade => new SymbolRecord(trade.Symbol, Latest(trade), default))]);

    public static byte[] Latest((string Symbol, long TimestampMs, long Offset) trade) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"symbol\":\"{trade.Symbol}\",\"p\":{trade.Offset}}}\n{trade.TimestampMs} {trade.Offset} {trade.Offset}"));

    private static byte[] Trade(long timestampMs, long offset) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{{\"p\":{offset},\"i\":{offset}}}\n{timestampMs} {offset}"));
}
