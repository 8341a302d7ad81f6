using System.Globalization;
using System.Text.Json;

namespace Radar.Tests.Page;

/// <summary>Trades and what follows from them, as text that is ready to serve.</summary>
internal sealed class FakeMarket
{
    private const int TradesRetained = 1000;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, List<FakeTrade>> _trades = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Symbol, string Timeframe), SortedDictionary<long, FakeBar>> _bars = [];

    public event Action<FakeTrade>? Traded;

    public long Offset { get; private set; }

    /// <summary>When the newest record arrived, Unix ms; null where none did.</summary>
    public long? RecordMs { get; private set; }

    /// <summary>A trade. The price is text, so that its digits are the test's.</summary>
    public void Trade(string symbol, string price, long? timestampMs = null, string size = "1", string? side = "buy", string venue = "test")
    {
        lock (_lock)
        {
            long t = timestampMs ?? TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var trade = new FakeTrade(symbol, t, price, size, ++Offset, side, venue);
            RecordMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            var trades = _trades.TryGetValue(symbol, out var known) ? known : _trades[symbol] = [];
            trades.Add(trade);
            if (trades.Count > TradesRetained)
                trades.RemoveAt(0);
            foreach (string timeframe in Timeframes.Keys)
                Take(trade, timeframe);
            Traded?.Invoke(trade);
        }
    }

    /// <summary>As if there never had been a trade of the symbol.</summary>
    public void Forget(string symbol)
    {
        lock (_lock)
            _trades.Remove(symbol);
    }

    public static readonly IReadOnlyDictionary<string, long> Timeframes = new Dictionary<string, long>
    {
        ["1Min"] = 60_000, ["5Min"] = 300_000, ["15Min"] = 900_000, ["1Hour"] = 3_600_000, ["4Hour"] = 14_400_000,
        ["1Day"] = 86_400_000,
    };

    /// <summary>Does what no trade may come in between of.</summary>
    public void Still(Action act)
    {
        lock (_lock)
            act();
    }

    /// <inheritdoc cref="Still(Action)"/>
    public T Still<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }

    public bool Knows(string symbol)
    {
        lock (_lock)
            return _trades.ContainsKey(symbol);
    }

    public IReadOnlyList<FakeTrade> Trades(string symbol)
    {
        lock (_lock)
            return [.. _trades[symbol]];
    }

    /// <summary>Trades from an offset on, in their order.</summary>
    public IReadOnlyList<FakeTrade> Since(long offset)
    {
        lock (_lock)
            return [.. _trades.Values.SelectMany(trades => trades).Where(trade => trade.Id > offset).OrderBy(trade => trade.Id)];
    }

    /// <summary>Bars by open time.</summary>
    public IReadOnlyList<string> Bars(string symbol, string timeframe)
    {
        lock (_lock)
            return [.. _bars[(symbol, timeframe)].Select(bar => bar.Value.Item)];
    }

    public string NewestBar(string symbol, string timeframe)
    {
        lock (_lock)
            return $"{{\"symbol\":\"{symbol}\",\"timeframe\":\"{timeframe}\",{_bars[(symbol, timeframe)].Last().Value.Item[1..]}";
    }

    public string Snapshot(IReadOnlySet<string>? symbols)
    {
        lock (_lock)
        {
            var newest = _trades.Where(of => symbols?.Contains(of.Key) != false).Select(of => of.Value[^1].Json);
            return $$"""{"tickers":[{{string.Join(',', newest)}}]}""";
        }
    }

    public string DaySnapshot(string symbol)
    {
        lock (_lock)
        {
            string[] days = [.. Bars(symbol, "1Day")];
            string previous = days.Length > 1 ? days[^2] : "null";
            return $$"""
                {"symbol":"{{symbol}}","latest_trade":{{_trades[symbol][^1].Item}},"minute_bar":{{Bars(symbol, "1Min")[^1]}},
                "daily_bar":{{days[^1]}},"previous_daily_bar":{{previous}}}
                """.Trim();
        }
    }

    public (IEnumerable<string> Gainers, IEnumerable<string> Losers) Movers(int top)
    {
        lock (_lock)
        {
            var moved = _trades.Keys.Select(symbol =>
            {
                FakeBar[] days = [.. _bars[(symbol, "1Day")].Values];
                bool isFirst = days.Length == 1;
                decimal from = Number(isFirst ? days[^1].Open : days[^2].Close);
                var trade = _trades[symbol][^1];
                decimal change = Number(trade.Price) - from;
                string since = isFirst ? "\"previous_close\":null,\"since\":\"open\""
                    : string.Create(CultureInfo.InvariantCulture, $"\"previous_close\":{from},\"since\":\"previous_close\"");
                return (Percent: change / from * 100, Json: string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"symbol":"{{symbol}}","t":"{{Rfc3339(trade.TimestampMs)}}","p":{{trade.Price}},{{since}}"""
                        + $$""","change":{{change}},"change_percent":{{Math.Round(change / from * 100, 4)}}}"""));
            }).OrderByDescending(mover => mover.Percent).ToList();
            return (moved.Where(mover => mover.Percent > 0).Take(top).Select(mover => mover.Json),
                moved.Where(mover => mover.Percent < 0).Reverse().Take(top).Select(mover => mover.Json));
        }
    }

    public static string Rfc3339(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private void Take(FakeTrade trade, string timeframe)
    {
        long open = trade.TimestampMs / Timeframes[timeframe] * Timeframes[timeframe];
        var bars = _bars.TryGetValue((trade.Symbol, timeframe), out var known) ? known : _bars[(trade.Symbol, timeframe)] = [];
        bars[open] = bars.TryGetValue(open, out var bar)
            ? bar with
            {
                High = Number(trade.Price) > Number(bar.High) ? trade.Price : bar.High,
                Low = Number(trade.Price) < Number(bar.Low) ? trade.Price : bar.Low,
                Close = trade.Price,
                Volume = bar.Volume + Number(trade.Size),
                Count = bar.Count + 1,
            }
            : new FakeBar(open, trade.Price, trade.Price, trade.Price, trade.Price, Number(trade.Size), 1);
    }
}

internal sealed record FakeTrade(string Symbol, long TimestampMs, string Price, string Size, long Id, string? Side, string Venue)
{
    public string Item => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"t":"{{FakeMarket.Rfc3339(TimestampMs)}}","p":{{Price}},"s":{{Size}},"i":{{Id}},"side":{{JsonSerializer.Serialize(Side)}}"""
            + $$""","venue":{{JsonSerializer.Serialize(Venue)}}}""");

    public string Json => $"{{\"symbol\":\"{Symbol}\",{Item[1..]}";
}

internal sealed record FakeBar(long OpenMs, string Open, string High, string Low, string Close, decimal Volume, long Count)
{
    public string Item => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"t":"{{FakeMarket.Rfc3339(OpenMs)}}","o":{{Open}},"h":{{High}},"l":{{Low}},"c":{{Close}},"v":{{Volume}},"n":{{Count}}"""
            + $$""","vw":{{Close}}}""");
}
