using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>
/// Usual names of columns. A name counts by its letters, so that <c>trade_id</c>, <c>tradeId</c> and <c>Trade ID</c> are one; what stands
/// in brackets, and a currency behind the name, is what it is counted in.
/// </summary>
internal static class CsvNames
{
    /// <summary>Sides that say whether the buyer was the maker, so that true is a sale.</summary>
    public static readonly string[] TrueIsSell = ["isbuyermaker", "buyerismaker", "buyermaker", "sell", "issell", "takersidesell"];

    /// <summary>Sides of which true is a purchase.</summary>
    public static readonly string[] TrueIsBuy =
    [
        "isbuy", "isbuyertaker", "buyeristaker", "takerisbuyer", "istakerbuy", "istakerbuyer", "issellermaker", "sellerismaker",
    ];

    /// <summary>Sides that are the maker's.</summary>
    public static readonly string[] MakersSide = ["makerside", "sidemaker"];

    /// <summary>Times that may be times of day.</summary>
    public static readonly string[] TimesOfDay = ["time", "timem", "tradetime", "timeofday"];

    // Words of a time's name that say it is not UTC.
    private static readonly HashSet<string> Zones =
    [
        "local", "est", "edt", "et", "cst", "cdt", "ct", "mst", "mdt", "pst", "pdt", "pt", "bst", "cet", "cest", "eet", "msk", "ist", "sgt",
        "hkt", "jst", "kst", "aest", "aedt", "eastern", "newyork", "york", "chicago", "london", "america", "europe", "asia", "australia",
    ];

    // What is a turnover, or another thing than the trade's own units.
    private static readonly HashSet<string> TurnoverWords =
    [
        "quote", "quoted", "notional", "turnover", "value", "gross", "cost", "funds", "total", "money", "proceeds", "cum", "cumulative",
        "accumulated", "original", "remaining", "day", "daily", "24h",
    ];

    private static readonly HashSet<string> QuoteCurrencies =
    [
        "usd", "usdt", "usdc", "busd", "fdusd", "tusd", "dai", "eur", "gbp", "jpy", "krw", "try", "brl", "aud", "cad", "chf", "cny", "rub",
        "inr", "hkd",
    ];

    private static readonly Dictionary<TickField, string[]> Usual = new()
    {
        [TickField.Symbol] =
        [
            "symbol", "ticker", "pair", "instrument", "productid", "instid", "instrumentname", "market", "sym", "symroot", "symbolid",
            "rawsymbol", "currencypair", "tradingpair", "contract", "tscode", "stockcode", "security", "ric", "product",
        ],
        [TickField.Price] = ["price", "px", "last", "tradeprice", "lastprice", "tradepx", "executionprice", "dealprice"],
        [TickField.Size] =
        [
            "size", "qty", "quantity", "sz", "baseamount", "basevolume", "baseqty", "basequantity", "basesize", "tradesize", "tradeqty",
            "tradequantity", "tradevolume", "lastsize", "lastqty", "volume", "vol", "amount", "shares",
        ],
        [TickField.Time] =
        [
            "timestamp", "time", "ts", "datetime", "tradetime", "transacttime", "eventtime", "createdtime", "unixtime", "timestampms",
            "timem", "timeofday", "participanttimestamp", "tsevent", "timeexchange", "exchangetimestamp", "executiontime", "createdat",
            "createtime", "createtimems", "siptimestamp", "unix", "unixtimestamp", "epoch", "mts", "exchangetime", "gmttime", "localtime",
            "date",
        ],
        [TickField.Date] = ["date", "tradedate", "tradingday", "day"],
        [TickField.TradeId] = ["tradeid", "id", "tid", "aggtradeid", "trdmatchid", "dealid", "execid", "uuid", "guid"],
        [TickField.Side] =
        [
            "side", "takerside", "aggressor", "aggressorside", "takersside", "tradeside", "direction", "buysell", "bs", "makerside",
            "sidemaker",
        ],
        [TickField.Venue] = ["venue", "exchange", "exch", "source"],
        [TickField.Correction] = ["correction", "corr", "trcorr", "tradecorrection", "correctionindicator", "tradecorrectionindicator"],
    };

    // Of what a size may be counted in, coins and shares go before the venue's own contracts.
    private static readonly string[] Contracts = ["contracts", "lots", "units"];

    /// <summary>The columns that may hold a field, the likeliest first.</summary>
    public static IEnumerable<int> Find(IReadOnlyList<string> header, TickField field)
    {
        var names = header.Select(column => new CsvName(column)).ToArray();
        foreach (string usual in Usual[field])
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (names[i].Letters == usual && Fits(names[i], field))
                    yield return i;
            }
        }

        foreach (string usual in Usual[field])
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (names[i].Letters != usual && names[i].Name == usual && Fits(names[i], field))
                    yield return i;
            }
        }

        for (int i = 0; field == TickField.Size && i < names.Length; i++)
        {
            if (Contracts.Contains(names[i].Name) && Fits(names[i], field))
                yield return i;
        }
    }

    /// <summary>Whether the name of a time says that it is another zone's: <c>Local time</c>, <c>Time (EST)</c>.</summary>
    public static bool NamesZone(string column) => new CsvName(column).Words.Any(Zones.Contains);

    /// <summary>Whether the name of a time says that it is UTC: <c>Gmt time</c>, <c>time_utc</c>.</summary>
    public static bool NamesUtc(string column) => new CsvName(column).Words.Any(word => word is "utc" or "gmt");

    /// <summary>The first column of one of <paramref name="names"/>, or -1.</summary>
    public static int IndexOf(IReadOnlyList<string> header, string[] names)
    {
        for (int i = 0; i < header.Count; i++)
        {
            if (names.Contains(new CsvName(header[i]).Letters))
                return i;
        }

        return -1;
    }

    /// <summary>The column of exactly this name, in any case, or -1.</summary>
    public static int Exact(IReadOnlyList<string> header, string name)
    {
        for (int i = 0; i < header.Count; i++)
        {
            if (string.Equals(header[i].Trim(), name.Trim(), StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }

    /// <summary>The names for people, without an end where they are many.</summary>
    public static string Listed(IReadOnlyList<string> header) =>
        string.Join(", ", header.Take(20).Select(column => $"'{Shown(column)}'")) + (header.Count > 20 ? ", …" : "");

    /// <summary>A name for people.</summary>
    public static string Shown(string column)
    {
        string plain = string.Concat(column.Trim().Where(shown => !char.IsControl(shown)));
        return plain.Length > 40 ? plain[..40] + "…" : plain;
    }

    private static bool Fits(CsvName name, TickField field) => field != TickField.Size
        || !(name.Words.Any(TurnoverWords.Contains) || QuoteCurrencies.Contains(name.CountedIn));
}

/// <summary>A column's name taken apart.</summary>
internal readonly struct CsvName
{
    /// <summary>Takes <paramref name="column"/> apart. Behind a slash comes the same in another language, as OKX has it.</summary>
    public CsvName(string column)
    {
        string text = column.Trim();
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        text = slash > 0 ? text[..slash] : text;
        int bracket = text.IndexOfAny(['(', '[']);
        var words = WordsOf(text).ToList();
        var front = bracket > 0 ? WordsOf(text[..bracket]).ToList() : words;
        Words = words;
        Letters = Join(words);
        if (bracket > 0)
            (Name, CountedIn) = (Join(front), Join(WordsOf(text[bracket..])));
        else if (words.Count > 1 && IsCurrency(words[^1]))
            (Name, CountedIn) = (Join(words.SkipLast(1)), words[^1]);
        else
            (Name, CountedIn) = (Letters, "");
    }

    /// <summary>Lower-case words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>All letters in lower case.</summary>
    public string Letters { get; }

    /// <summary>The letters without what it is counted in.</summary>
    public string Name { get; }

    /// <summary>What stands in brackets, or a currency behind the name; empty where there is none.</summary>
    public string CountedIn { get; }

    private static string Join(IEnumerable<string> words) => string.Concat(words.SelectMany(word => word.Where(char.IsAsciiLetter)));

    private static bool IsCurrency(string word) => word is "btc" or "eth" or "base" or "quote" or "usd" or "usdt" or "usdc" or "eur"
        or "gbp" or "jpy" or "krw" or "coin" or "utc" or "ms" or "us" or "ns";

    private static IEnumerable<string> WordsOf(string text)
    {
        var word = new System.Text.StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            bool isEnd = !char.IsAsciiLetterOrDigit(text[i])
                || (i > 0 && char.IsAsciiLetterUpper(text[i]) && char.IsAsciiLetterLower(text[i - 1]));
            if (isEnd && word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }

            if (char.IsAsciiLetterOrDigit(text[i]))
                word.Append(char.ToLowerInvariant(text[i]));
        }

        if (word.Length > 0)
            yield return word.ToString();
    }
}
