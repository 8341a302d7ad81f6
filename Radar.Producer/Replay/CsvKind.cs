using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>What a CSV file holds where it is no trades, by its columns and by the name of its file and folder.</summary>
internal static class CsvKind
{
    private static readonly string[] Books =
    [
        "issnapshot", "updatetype", "firstupdateid", "lastupdateid", "updateid", "entrypx", "entrysx", "percentage", "bookupdatetype",
        "sideisbid",
    ];

    private static readonly string[] Derivatives =
    [
        "fundingrate", "predictedfundingrate", "lastfundingrate", "fundingtimestamp", "openinterest", "sumopeninterest", "markprice",
        "indexprice", "markiv",
    ];

    private static readonly string[] Liquidations = ["liq", "liqs", "liquidation", "liquidations", "forceorder", "forceorders"];
    private static readonly string[] Prices = ["markprices", "indexprices", "fundingupdates", "fundingapplies", "fundingrates"];
    private static readonly string[] OrderBooks = ["orderbook", "orderbooks"];
    private static readonly string[] BookSides = ["a", "b", "ask", "bid", "asks", "bids"];
    private static readonly string[] TypeNames = ["type", "ticktype", "eventtype", "recordtype", "messagetype", "msgtype", "event", "kind"];
    private static readonly string[] QuoteTypes = ["quote", "quotes", "bid", "ask", "bbo", "nbbo", "bestbid", "bestask", "depth", "book"];
    private static readonly string[] Trades = ["trade", "trades", "aggtrades", "trd"];

    /// <summary>What the file holds, for people, or null where nothing says that it is anything but trades.</summary>
    /// <param name="header">Its columns.</param>
    /// <param name="sample">Its first rows.</param>
    /// <param name="path">With the entry of an archive behind <c>!</c>.</param>
    /// <param name="columnsAreKnown">
    /// They are those of a known format of trades, or somebody said which one is the price: only the path decides.
    /// </param>
    public static string? Of(IReadOnlyList<string> header, CsvSample sample, string path, bool columnsAreKnown) =>
        (columnsAreKnown ? null : OfColumns(header) ?? OfBookSides(header, sample)) ?? OfPath(path);

    /// <summary>Candles without a header, as Binance has them: twelve columns, the first and the seventh of them times.</summary>
    public static bool AreCandles(IReadOnlyList<string> row) => row.Count == 12 && CsvShape.Matches("tdddddtdiddd", row);

    /// <summary>A condition such as <c>Type=Trade</c>, where a column says that some rows are quotes; or null.</summary>
    /// <param name="header">Its columns.</param>
    /// <param name="sample">Its first rows.</param>
    /// <param name="hasTrades">Whether there are rows of both kinds, so that no other column says what the file holds.</param>
    public static string? TradesAmongQuotes(IReadOnlyList<string> header, CsvSample sample, out bool hasTrades)
    {
        int type = CsvNames.IndexOf(header, TypeNames);
        var values = type < 0 ? [] : sample.Rows.Where(row => row.Count > type).Select(row => row[type].Trim()).ToList();
        bool hasQuotes = values.Exists(IsQuoteType) && !values.TrueForAll(IsBookSide);
        string? trade = values.Find(value => Trades.Contains(new CsvName(value).Letters));
        hasTrades = hasQuotes && trade is not null;
        return hasQuotes ? $"{CsvNames.Shown(header[type])}={trade ?? "trade"}" : null;
    }

    /// <summary><c>Quote</c>, <c>BBO</c>, <c>QUOTE BID</c>; but not <c>trade at bid</c>.</summary>
    private static bool IsQuoteType(string value) => new CsvName(value).Letters is var letters
        && (QuoteTypes.Contains(letters) || letters.StartsWith("quote", StringComparison.Ordinal));

    private static string? OfColumns(IReadOnlyList<string> header)
    {
        var names = header.Select(column => new CsvName(column)).ToList();
        var letters = names.Select(name => name.Letters).ToHashSet();
        bool hasPrice = letters.Overlaps(["price", "px", "tradeprice", "lastprice", "last"]);
        bool hasOwnPrice = letters.Overlaps(["price", "px", "tradeprice"]);
        bool hasSize = letters.Overlaps(["size", "qty", "quantity", "amount", "sz", "tradesize", "lastsize", "lastqty", "tradeqty"]);
        if (letters.IsSupersetOf(["open", "high", "low"]) || letters.IsSupersetOf(["o", "h", "l", "c"])
            || letters.IsSupersetOf(["openprice", "highprice", "lowprice"]))
            return "candles (columns open, high, low)";
        if (letters.Overlaps(Books) || (Begins(names, "bids") && Begins(names, "asks")))
            return $"an order book (column {Found(names, Books) ?? "bids and asks"})";
        if (letters.IsSupersetOf(["rtype", "publisherid"]) && !letters.Contains("action"))
            return "a Databento schema without trades (no column action)"; // its BBO repeats the last trade at intervals
        bool hasQuotes = names.Any(name => IsQuote(name, "bid", "ask")) && names.Any(name => IsQuote(name, "ask", "bid"));
        if (hasQuotes && !(hasPrice && hasSize && !letters.Overlaps(["high", "low"])))
            return "quotes or tickers (columns of bid and ask)";
        if (letters.Overlaps(Derivatives) && !(hasOwnPrice && hasSize))
            return $"a derivatives ticker or funding (column {Found(names, Derivatives)})";
        if (letters.Overlaps(["orderstatus", "timeinforce"]))
            return $"orders or liquidations (column {Found(names, ["orderstatus", "timeinforce"])})";
        if (letters.Contains("orderid") && !letters.Overlaps(["tradeid", "id", "tid", "execid", "trdmatchid", "action"]))
            return "orders (column order_id, and none with the id of a trade)";
        return null;
    }

    /// <summary>A column of one side; <c>ask_bid</c> is the side of a trade.</summary>
    private static bool IsQuote(CsvName name, string side, string other) => name.Words.Contains(side) && !name.Words.Contains(other);

    /// <summary>A column with levels: <c>bids</c>, <c>bids[0].price</c>, <c>bids3</c>, but not <c>bid_sz_00</c>.</summary>
    private static bool Begins(IEnumerable<CsvName> names, string word) =>
        names.Any(name => name.Words.Any(part => part.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') == word));

    /// <summary>
    /// Books of one level a row have the side of the book in a column <c>type</c>, and both sides at most times. Trades may have theirs in
    /// such a column, too; but of one time most are on one side, or they have ids.
    /// </summary>
    private static string? OfBookSides(IReadOnlyList<string> header, CsvSample sample)
    {
        int type = CsvNames.IndexOf(header, ["type"]);
        int time = CsvNames.Find(header, TickField.Time).FirstOrDefault(-1);
        if (type < 0 || time < 0 || CsvNames.Find(header, TickField.TradeId).Any())
            return null;
        var rows = sample.Rows.Where(row => row.Count > Math.Max(type, time)).ToList();
        if (!rows.TrueForAll(row => IsBookSide(row[type])))
            return null;
        var times = rows.GroupBy(row => row[time]).ToList();
        int both = times.Count(at => at.Select(row => char.ToLowerInvariant(row[type].Trim()[0])).Distinct().Count() == 2);
        return both > 0 && 2 * both >= times.Count ? "an order book (column type holds bids and asks)" : null;
    }

    private static bool IsBookSide(string value) => BookSides.Contains(value.Trim().ToLowerInvariant());

    /// <summary>
    /// The innermost part of the path that says it decides; no more than three folders up, and of an order book only the file itself.
    /// </summary>
    private static string? OfPath(string path)
    {
        bool isFile = true;
        foreach (string part in path.Split('/', '\\', '!').Reverse().Take(5))
        {
            var words = new CsvName(part).Words;
            if (words.Any(Trades.Contains) || words.Contains("agg"))
                return null;
            if (Prices.Contains(string.Concat(words)))
                return "mark prices or funding (by the name of the file or its folder)";
            if (words.Any(Liquidations.Contains))
                return "liquidations (by the name of the file or its folder)";
            if (isFile && words.Any(OrderBooks.Contains))
                return "an order book (by the name of the file)";
            isFile = false;
        }

        return null;
    }

    private static string? Found(IEnumerable<CsvName> names, string[] of) =>
        names.Select(name => name.Letters).FirstOrDefault(name => of.Contains(name));
}
