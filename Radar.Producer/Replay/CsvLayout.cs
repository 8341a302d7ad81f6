using CsvHelper;

namespace Radar.Producer.Replay;

/// <summary>Which column of a CSV file is what; -1 is none.</summary>
internal readonly record struct CsvLayout(
    int Symbol, int Price, int Size, int Timestamp, int TradeId, int Side, int BuyerIsMaker, int Venue)
{
    // The first name that the header has wins; letters only, so that trade_id, tradeId and "Trade ID" are one.
    private static readonly string[] Symbols = ["symbol", "ticker", "pair", "instrument", "productid", "instid", "market", "sym"];
    private static readonly string[] Prices = ["price", "px", "last", "tradeprice", "lastprice"];
    private static readonly string[] Sizes = ["size", "amount", "qty", "quantity", "volume", "sz", "vol", "tradesize", "lastsize"];

    private static readonly string[] Timestamps =
        ["timestamp", "time", "ts", "datetime", "date", "tradetime", "eventtime", "unixtime", "timestampms"];

    private static readonly string[] TradeIds = ["tradeid", "id", "tid", "aggtradeid"];
    private static readonly string[] Sides = ["side", "takerside", "aggressor", "aggressorside"];
    private static readonly string[] BuyerIsMakers = ["isbuyermaker", "buyerismaker"];
    private static readonly string[] Venues = ["venue", "exchange", "exch", "source"];

    /// <summary>Finds the columns by the header. Returns null, or what is missing and how to mend it.</summary>
    public static string? TryFind(IReadOnlyList<string> header, ReplayOptions options, out CsvLayout layout)
    {
        var columns = options.Columns;
        layout = default;
        string? unknown = Overridden(columns).FirstOrDefault(name => !string.IsNullOrEmpty(name) && Exact(header, name) < 0);
        if (unknown is not null)
            return $"it has no column '{unknown}', which Producer:Replay:Columns names; its columns are {Listed(header)}";

        layout = new CsvLayout(
            Find(header, columns.Symbol, Symbols),
            Find(header, columns.Price, Prices),
            Find(header, columns.Size, Sizes),
            Find(header, columns.Timestamp, Timestamps),
            Find(header, columns.TradeId, TradeIds),
            Find(header, columns.Side, Sides),
            columns.Side is null ? Find(header, null, BuyerIsMakers) : -1,
            Find(header, columns.Venue, Venues));
        if (layout.Side >= 0)
            layout = layout with { BuyerIsMaker = -1 };
        string? missing = layout.Price < 0 ? nameof(CsvColumns.Price)
            : layout.Timestamp < 0 ? nameof(CsvColumns.Timestamp)
            : layout.Symbol < 0 && options.Symbol is null ? nameof(CsvColumns.Symbol)
            : null;
        return missing is null
            ? null
            : $"no column is known to hold the {missing.ToLowerInvariant()}; its columns are {Listed(header)}. "
                + $"Name it with Producer:Replay:Columns:{missing}"
                + (missing == nameof(CsvColumns.Symbol) ? ", or give one symbol for all with Producer:Replay:Symbol" : "");
    }

    private static IEnumerable<string?> Overridden(CsvColumns columns) =>
        [columns.Symbol, columns.Price, columns.Size, columns.Timestamp, columns.TradeId, columns.Side, columns.Venue];

    private static int Find(IReadOnlyList<string> header, string? configured, string[] usual)
    {
        if (configured is not null)
            return configured.Length == 0 ? -1 : Exact(header, configured);
        return usual.Select(name => IndexOf(header, column => Letters(column) == name)).FirstOrDefault(index => index >= 0, -1);
    }

    private static int Exact(IReadOnlyList<string> header, string name) =>
        IndexOf(header, column => string.Equals(column.Trim(), name.Trim(), StringComparison.OrdinalIgnoreCase));

    private static int IndexOf(IReadOnlyList<string> header, Func<string, bool> matches)
    {
        for (int i = 0; i < header.Count; i++)
        {
            if (matches(header[i]))
                return i;
        }

        return -1;
    }

    private static string Letters(string column) => string.Concat(column.Where(char.IsAsciiLetter)).ToLowerInvariant();

    private static string Listed(IReadOnlyList<string> header) =>
        string.Join(", ", header.Take(20).Select(column => $"'{(column.Length > 40 ? column[..40] + "…" : column)}'"));
}
