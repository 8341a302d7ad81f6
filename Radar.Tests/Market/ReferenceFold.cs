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

    public List<(Tick Tick, long Offset)> Trades(string symbol) => [.. Of(symbol).OrderBy(entry => entry.Offset).TakeLast(options.TradesRetained)];

    /// <summary>A trade counts in a bar that was inside retention when the trade arrived; a bar is kept while it is inside retention.</summary>
    public List<JsonObject> Bars(string symbol, Timeframe timeframe)
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

        return [.. counted
            .GroupBy(entry => entry.Tick.TimestampMs / timeframe.LengthMs * timeframe.LengthMs)
            .Where(group => group.Key >= timeframe.OpenTime(high) - retention)
            .OrderBy(group => group.Key)
            .Select(group =>
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
            })];
    }

    private IEnumerable<(Tick Tick, long Offset)> Of(string symbol) => _log.Where(entry => entry.Tick.Symbol == symbol);
}
