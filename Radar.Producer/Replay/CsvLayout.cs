using System.Text;
using Radar.Market;

namespace Radar.Producer.Replay;

/// <summary>Which column of a CSV file is what; -1 is none.</summary>
internal readonly record struct CsvLayout(
    int Symbol, int Price, int Size, int Timestamp, int Date, int TradeId, int Side, int BuyerIsMaker, int Venue)
{
    /// <summary>Separator of fields, found in the first lines.</summary>
    public char Separator { get; init; }

    /// <summary>Lines above the header.</summary>
    public int LinesBefore { get; init; }

    /// <summary>Whether the file has one, or <see cref="ReplayOptions.Header"/> stands for it.</summary>
    public bool HasHeader { get; init; }

    // The first name that the header has wins; letters only, so that trade_id, tradeId and "Trade ID" are one.
    private static readonly string[] Symbols =
        ["symbol", "ticker", "pair", "instrument", "productid", "instid", "instrumentname", "market", "sym", "symroot"];

    private static readonly string[] Prices = ["price", "px", "last", "tradeprice", "lastprice"];
    private static readonly string[] Sizes = ["size", "amount", "qty", "quantity", "volume", "sz", "vol", "tradesize", "lastsize"];

    private static readonly string[] Timestamps =
    [
        "timestamp", "time", "ts", "datetime", "tradetime", "transacttime", "eventtime", "createdtime", "unixtime", "timestampms", "timem",
        "timeofday", "date",
    ];

    private static readonly string[] TimesOfDay = ["time", "timem", "tradetime", "timeofday"];
    private static readonly string[] Dates = ["date", "tradedate", "tradingday", "day"];
    private static readonly string[] TradeIds = ["tradeid", "id", "tid", "aggtradeid", "trdmatchid"];
    private static readonly string[] Sides = ["side", "takerside", "aggressor", "aggressorside"];
    private static readonly string[] BuyerIsMakers = ["isbuyermaker", "buyerismaker", "buyermaker"];
    private static readonly string[] Venues = ["venue", "exchange", "exch", "source"];

    /// <summary>Finds the columns by the header. Returns null, or what is missing and how to mend it.</summary>
    public static string? TryFind(IReadOnlyList<string> header, ReplayOptions options, out CsvLayout layout)
    {
        var columns = options.Columns;
        layout = default;
        bool hasHeader = header.Count(IsNumber) <= 1;
        if (!hasHeader && !string.IsNullOrEmpty(options.Header))
            header = options.Header.Split(',');
        else if (!hasHeader)
            return $"it has no header: its first line holds {Listed(header)}. Give one with Producer:Replay:Header, such as "
                + "id,price,qty,quote_qty,time,is_buyer_maker";
        string? unknown = Overridden(columns).FirstOrDefault(name => !string.IsNullOrEmpty(name) && Exact(header, name) < 0);
        if (unknown is not null)
            return $"it has no column '{unknown}', which Producer:Replay:Columns names; its columns are {Listed(header)}";

        int timestamp = Find(header, columns.Timestamp, Timestamps);
        layout = new CsvLayout(
            Find(header, columns.Symbol, Symbols),
            Find(header, columns.Price, Prices),
            Find(header, columns.Size, Sizes),
            timestamp,
            FindDate(header, columns, timestamp),
            Find(header, columns.TradeId, TradeIds),
            Find(header, columns.Side, Sides),
            columns.Side is null || columns.BuyerIsMaker is not null ? Find(header, columns.BuyerIsMaker, BuyerIsMakers) : -1,
            Find(header, columns.Venue, Venues));
        layout = layout with { HasHeader = hasHeader };
        if (layout.Side >= 0 && BuyerIsMakers.Contains(Letters(header[layout.Side])))
            layout = layout with { Side = -1, BuyerIsMaker = layout.Side };
        else if (layout.BuyerIsMaker >= 0 && !string.IsNullOrEmpty(columns.BuyerIsMaker))
            layout = layout with { Side = -1 };
        else if (layout.Side >= 0)
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
    [
        columns.Symbol, columns.Price, columns.Size, columns.Timestamp, columns.Date, columns.TradeId, columns.Side, columns.BuyerIsMaker,
        columns.Venue,
    ];

    private static bool IsNumber(string field) => DecimalText.TryParse(Encoding.UTF8.GetBytes(field.Trim()), out _);

    /// <summary>A column with the date belongs to a time that may be a time of day, by its name or because a person named it.</summary>
    private static int FindDate(IReadOnlyList<string> header, CsvColumns columns, int timestamp)
    {
        bool mayBeTimeOfDay = timestamp >= 0 && (columns.Timestamp is not null || TimesOfDay.Contains(Letters(header[timestamp])));
        int date = columns.Date is not null || mayBeTimeOfDay ? Find(header, columns.Date, Dates) : -1;
        return date == timestamp ? -1 : date;
    }

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
