using System.Numerics;
using System.Text.Json.Nodes;
using Radar.Market;

namespace Radar.Tests.Market;

/// <summary>
/// The projection as a textbook would write it: keep every trade, sort, group, add up. Slow, and independent of the code that it checks.
/// </summary>
internal sealed class ReferenceFold(ProjectionOptions options)
{
    private readonly List<(Tick Tick, long Offset)> _log = [];

    public void Add(Tick tick, long offset) => _log.Add((tick, offset));

    public IEnumerable<string> Symbols => _log.Select(entry => entry.Tick.Symbol).Distinct();

    public (Tick Tick, long Offset) Latest(string symbol) =>
        Of(symbol).OrderBy(entry => entry.Tick.TimestampMs).ThenBy(entry => entry.Offset).Last();

    public List<(Tick Tick, long Offset)> Trades(string symbol) =>
        [.. Of(symbol).OrderBy(entry => entry.Offset).TakeLast(options.TradesRetained)];

    public List<JsonObject> Bars(string symbol, Timeframe timeframe) =>
    [
        .. Groups(symbol, timeframe).Select(group =>
        {
            var inOrder = group.OrderBy(entry => entry.Tick.TimestampMs).ThenBy(entry => entry.Offset).ToList();
            return new JsonObject
            {
                ["t"] = DateTimeOffset.FromUnixTimeMilliseconds(group.Key).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null),
                ["o"] = inOrder[0].Tick.Price,
                ["h"] = group.Max(entry => entry.Tick.Price),
                ["l"] = group.Min(entry => entry.Tick.Price),
                ["c"] = inOrder[^1].Tick.Price,
                ["v"] = group.Sum(entry => entry.Tick.Size),
                ["n"] = (decimal)group.Count(),
            };
        }),
    ];

    /// <summary>Quantity and notional of the same bars × 10^28, with nothing rounded but the single trade.</summary>
    public List<(BigInteger Volume, BigInteger Notional)> Sums(string symbol, Timeframe timeframe) =>
    [
        .. Groups(symbol, timeframe).Select(group => (
            Sum(group.Select(entry => entry.Tick.Size)), Sum(group.Select(entry => entry.Tick.Price * entry.Tick.Size)))),
    ];

    /// <summary>Close of the newest daily bar before the current one.</summary>
    public decimal? PreviousClose(string symbol) => Bars(symbol, Timeframe.Day) is [.., var previous, _] ? (decimal)previous["c"]! : null;

    /// <summary>A number's text × 10^28, with nothing rounded.</summary>
    public static BigInteger Exact(string text)
    {
        string[] parts = text.Split('.');
        return BigInteger.Parse(
            parts[0] + (parts.Length > 1 ? parts[1] : "").PadRight(28, '0'), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// A trade counts in a bar that was inside retention when the trade arrived; a bar is kept while it is inside retention.
    /// </summary>
    private IEnumerable<IGrouping<long, (Tick Tick, long Offset)>> Groups(string symbol, Timeframe timeframe)
    {
        long retention = options.RetentionMs()[timeframe.Index];
        long high = long.MinValue;
        var counted = new List<(Tick Tick, long Offset)>();
        foreach (var entry in Of(symbol).OrderBy(entry => entry.Offset))
        {
            high = Math.Max(high, entry.Tick.TimestampMs);
            if (timeframe.OpenTime(entry.Tick.TimestampMs) >= timeframe.OpenTime(high) - retention)
                counted.Add(entry);
        }

        return counted
            .GroupBy(entry => entry.Tick.TimestampMs / timeframe.LengthMs * timeframe.LengthMs)
            .Where(group => group.Key >= timeframe.OpenTime(high) - retention)
            .OrderBy(group => group.Key);
    }

    private static BigInteger Sum(IEnumerable<decimal> values) =>
        values.Aggregate(BigInteger.Zero, (sum, value) => sum + Exact(value.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private IEnumerable<(Tick Tick, long Offset)> Of(string symbol) => _log.Where(entry => entry.Tick.Symbol == symbol);
}
