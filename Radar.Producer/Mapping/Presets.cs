using System.Text.RegularExpressions;

namespace Radar.Producer.Mapping;

/// <summary>Every known format. A new one is a record here and a file of its shape in the tests.</summary>
internal static class Presets
{
    // .../BTCUSDT-trades-2025-01-01.csv, .../BTCUSDT-aggTrades-2025-01.csv
    private const string DatedTrades = @"(^|/)(?<symbol>[^/]+?)-(agg)?[Tt]rades-[0-9]{4}-[0-9]{2}(-[0-9]{2})?\.";
    private const string CoinMarginedTrades =
        @"(^|/)(?<symbol>[A-Z0-9]+USD_(PERP|[0-9]{6}))-(agg)?[Tt]rades-[0-9]{4}-[0-9]{2}(-[0-9]{2})?\.";

    // .../trades/SPBL/BTCUSDT/20240501_001.zip, and as browsers save them: BTCUSDT_SPBL_20240401_001.zip, USDT-BTCUSDT_20260901_001.zip
    private const string BitgetName = @"|(^|/)([A-Z0-9]+-)?(?<symbol>[A-Z0-9]+)(_[A-Z]+BL)?_[0-9]{8}_[0-9]{3}\.";

    private static readonly Regex PartitionOfSymbol = new(
        "(^|/)(symbol|ticker|instrument|pair)=(?<symbol>[^/]+)/",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    private const string BinanceTrades = "id=id price=price size=qty time=time side=is_buyer_maker";
    private const string BinanceAggregates = "id=agg_trade_id price=price size=quantity time=transact_time side=is_buyer_maker";
    private const string BinanceAggregateHeader =
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";

    // Index prices are among BitMEX's trades, by their type.
    private const string BitmexTrades = "time=timestamp symbol=symbol side=side size=size price=price id=trdMatchID";
    private const string MakerIsBuyer = "true=sell,false=buy,1=sell,0=buy";
    private const string CoinbaseMatches = "symbol=product_id id=trade_id side=side price=price size=size time=time";
    private const string MakersSide = "buy=sell,sell=buy"; // their side is the maker's
    private const string NewYork = "America/New_York";
    private const string TickHistory = "time=time price=price size=volume";

    // OKX's files of a whole market, such as allspot-trades-2024-03-01.zip.
    private static readonly string[] AllSymbols = ["allspot", "allswap", "allfutures", "alloption", "alloptions", "allmargin"];

    /// <summary>In the order in which they are tried.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("binance", "Binance data.vision, spot trades")
        {
            Columns = BinanceTrades, Signature = ["id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "is_best_match"],
            Headerless = ("id,price,qty,quote_qty,time,is_buyer_maker,is_best_match", "idddtbb"), Sides = MakerIsBuyer,
            SymbolInName = DatedTrades, NeedsName = true, Venue = "binance",
        },
        new("binance", "Binance data.vision, spot aggregate trades")
        {
            Columns = BinanceAggregates,
            Signature = ["agg_trade_id", "price", "quantity", "transact_time", "is_buyer_maker", "is_best_match"],
            Headerless = (BinanceAggregateHeader + ",is_best_match", "iddiitbb"),
            Sides = MakerIsBuyer, SymbolInName = DatedTrades, NeedsName = true, Venue = "binance",
        },
        new("binance", "Binance data.vision, COIN-M futures trades")
        {
            Columns = BinanceTrades,
            Signature = ["id", "price", "qty", "base_qty", "time", "is_buyer_maker"],
            Headerless = ("id,price,qty,base_qty,time,is_buyer_maker", "idddtb"), Sides = MakerIsBuyer,
            SymbolInName = CoinMarginedTrades, NeedsName = true, IsByNameOnly = true, Venue = "binance-coinm",
        },
        new("binance", "Binance data.vision, COIN-M futures aggregate trades")
        {
            Columns = BinanceAggregates, Signature = ["agg_trade_id", "price", "quantity", "transact_time", "is_buyer_maker"],
            Headerless = (BinanceAggregateHeader, "iddiitb"),
            Sides = MakerIsBuyer, SymbolInName = CoinMarginedTrades, NeedsName = true, IsByNameOnly = true, Venue = "binance-coinm",
        },
        new("binance", "Binance data.vision, USD-M futures trades")
        {
            Columns = BinanceTrades, Signature = ["id", "price", "qty", "quote_qty", "time", "is_buyer_maker"],
            Headerless = ("id,price,qty,quote_qty,time,is_buyer_maker", "idddtb"), Sides = MakerIsBuyer,
            SymbolInName = DatedTrades, NeedsName = true, Venue = "binance-usdm",
        },
        new("binance", "Binance data.vision, USD-M futures aggregate trades")
        {
            Columns = BinanceAggregates, Signature = ["agg_trade_id", "price", "quantity", "transact_time", "is_buyer_maker"],
            Headerless = (BinanceAggregateHeader, "iddiitb"),
            Sides = MakerIsBuyer, SymbolInName = DatedTrades, NeedsName = true, Venue = "binance-usdm",
        },
        new("binance", "Binance's WebSocket and REST")
        {
            Items = "/data",
            Json = "symbol=/s price=/p|/price size=/q|/qty time=/T|/time id=/t|/a|/id side=/m|/isBuyerMaker", Sides = MakerIsBuyer,
            JsonFilter = "/e=trade|aggTrade|,/X=MARKET|",
        },
        new("coinbase", "Coinbase Exchange's matches")
        {
            Columns = CoinbaseMatches,
            Signature = ["trade_id", "maker_order_id", "taker_order_id", "side", "size", "price", "product_id", "type"],
            Filter = "type=match", Sides = MakersSide, Venue = "coinbase", JsonFilter = "/type=match",
            Json = "symbol=/product_id id=/trade_id side=/side price=/price size=/size time=/time venue=constant:coinbase",
        },
        new("coinbase", "Coinbase Exchange's matches")
        {
            Columns = CoinbaseMatches, Signature = ["trade_id", "maker_order_id", "taker_order_id", "side", "size", "price", "product_id"],
            Sides = MakersSide, Venue = "coinbase",
        },
        new("hyperliquid", "Hyperliquid trades")
        {
            Columns = "symbol=coin side=side price=px size=sz time=time id=tid", Signature = ["coin", "side", "px", "sz", "time", "tid"],
            Sides = "B=buy,A=sell", Items = "/data", JsonFilter = "value:/channel=trades|",
            Json = "symbol=/coin side=/side price=/px size=/sz time=/time id=/tid venue=constant:hyperliquid",
            JsonSignature = ["coin", "side", "px", "sz", "time", "hash"], Venue = "hyperliquid",
        },
        new("tardis", "Tardis trades")
        {
            Columns = "venue=exchange symbol=symbol time=timestamp id=id side=side price=price size=amount",
            Signature = ["exchange", "symbol", "timestamp", "local_timestamp", "id", "side", "price", "amount"],
            Json = "venue=/exchange symbol=/symbol time=/timestamp id=/id side=/side price=/price size=/amount", JsonFilter = "/type=trade",
            JsonSignature = ["type", "symbol", "exchange", "price", "amount", "side", "timestamp", "localTimestamp"],
            Sides = "buy=buy,sell=sell,unknown=none",
        },
        new("databento", "Databento trades, TBBO, MBP or MBO")
        {
            Columns = "time=ts_event symbol=symbol price=price size=size side=side",
            Signature = ["ts_event", "rtype", "publisher_id", "action", "side", "price", "size"], Filter = "action=T",
            Json = "time=/hd/ts_event symbol=/symbol price=/price size=/size side=/side", JsonFilter = "/action=T",
            JsonSignature = ["hd", "action", "side", "price", "size"],
            Sides = "A=sell,B=buy,N=none", PriceScale = 1e-9m,
        },
        new("kaiko", "Kaiko trades")
        {
            Columns = "id=id venue=exchange symbol=symbol time=date price=price size=amount side=sell",
            Signature = ["id", "exchange", "symbol", "date", "price", "amount", "sell"], Sides = MakerIsBuyer + ",unknown=none",
            Items = "/data", Json = "symbol=/instrument|value:/query/instrument venue=/exchange|value:/query/exchange time=/timestamp "
                + "id=/trade_id price=/price size=/amount side=/taker_side_sell",
        },
        new("coinapi", "CoinAPI trades")
        {
            Columns = "time=time_exchange id=guid price=price size=base_amount side=taker_side",
            Signature = ["time_exchange", "time_coinapi", "guid", "price", "base_amount", "taker_side"],
            SymbolInName = @"\+S-(?<symbol>[^/+]+?)\.csv",
            Json = "symbol=/symbol_id time=/time_exchange id=/uuid price=/price size=/size side=/taker_side", JsonFilter = "/type=trade|",
            JsonSignature = ["symbol_id", "time_exchange", "time_coinapi", "uuid", "price", "size", "taker_side"],
            Sides = "BUY=buy,SELL=sell,BUY_ESTIMATED=buy,SELL_ESTIMATED=sell,UNKNOWN=none",
        },
        new("bybit", "Bybit spot trades")
        {
            Columns = "id=id time=timestamp price=price size=volume side=side",
            Signature = ["id", "timestamp", "price", "volume", "side"], SymbolInName = @"(^|/)(?<symbol>[A-Z0-9]+)[-_][0-9]{4}-[0-9]{2}",
            NeedsName = true, Sides = "buy=buy,sell=sell", Items = "/data|/result/list",
            Json = "symbol=/s|/symbol time=/T|/time id=/i|/execId side=/S|/side price=/p|/price size=/v|/size",
            JsonFilter = "value:/topic=publicTrade.*|,value:/op=",
        },
        new("bybit", "Bybit derivatives trades")
        {
            Columns = BitmexTrades, Sides = "Buy=buy,Sell=sell",
        },
        new("okx", "OKX trades")
        {
            Columns = "symbol=instrument_name id=trade_id side=side price=price size=size time=created_time",
            Signature = ["instrument_name", "trade_id", "side", "price", "size", "created_time"], SymbolInName = DatedTrades,
            Sides = "buy=buy,sell=sell", Items = "/data", Json = "symbol=/instId id=/tradeId side=/side price=/px size=/sz time=/ts",
            JsonFilter = "value:/arg/channel=trades|trades-all|,value:/event=",
        },
        new("bitget", "Bitget trades")
        {
            Columns = "id=trade_id time=timestamp price=price side=side size=size(base)",
            Signature = ["trade_id", "timestamp", "price", "side", "volume(quote)", "size(base)"],
            SymbolInName = "(^|/)trades/[A-Z0-9]+/(?<symbol>[A-Z0-9]+)/" + BitgetName, Sides = "buy=buy,sell=sell", Items = "/data",
            Json = "symbol=value:/arg/instId|/symbol id=/tradeId side=/side price=/price size=/size time=/ts",
            JsonFilter = "value:/arg/channel=trade|,value:/event=",
        },
        new("gate", "Gate spot deals")
        {
            Columns = "time=time id=id price=price size=amount side=side",
            Headerless = ("time,id,price,amount,side", "tiddi"), SymbolInName = @"(^|/)(?<symbol>[A-Z0-9]+_[A-Z0-9]+)-[0-9]{6,10}\.",
            NeedsName = true, Sides = "1=sell,2=buy,buy=buy,sell=sell",
        },
        new("gate", "Gate futures trades")
        {
            Columns = "time=time id=id price=price size=size", Headerless = ("time,id,price,size", "tidd"),
            SymbolInName = @"(^|/)(?<symbol>[A-Z0-9]+_[A-Z0-9]+)-[0-9]{6,10}\.", NeedsName = true, SideFromSize = true,
            Sides = "buy=buy,sell=sell", Items = "/result",
            Json = "symbol=/currency_pair|/contract id=/id side=/side price=/price size=/amount|/size time=/create_time_ms|/create_time",
            JsonFilter = "value:/channel=spot.trades|futures.trades|,value:/event=update|",
        },
        new("bitmex", "BitMEX trades")
        {
            Columns = BitmexTrades, Signature = ["timestamp", "symbol", "side", "size", "price", "trdMatchID", "grossValue", "trdType"],
            Filter = "trdType!=Referential|Settlement", Sides = "Buy=buy,Sell=sell", Items = "/data",
            Json = "time=/timestamp symbol=/symbol side=/side size=/size price=/price id=/trdMatchID",
            JsonFilter = "value:/table=trade|,value:/action=insert|,value:/info=,value:/success=,/trdType!=Referential|Settlement",
        },
        new("bitmex", "BitMEX trades of before they had types, or Bybit's in the same columns")
        {
            Columns = BitmexTrades,
            Signature = ["timestamp", "symbol", "side", "size", "price", "trdMatchID", "grossValue", "homeNotional", "foreignNotional"],
            Sides = "Buy=buy,Sell=sell",
        },
        new("kraken", "Kraken's time and sales")
        {
            Columns = TickHistory, Headerless = ("time,price,volume", "tdd"),
            SymbolInName = @"(^|/)(?<symbol>[A-Z0-9.]{3,}?)\.csv",
            Items = "/data", Json = "symbol=/symbol id=/trade_id side=/side price=/price size=/qty time=/timestamp",
            JsonFilter = "value:/channel=trade|,value:/type=update|,value:/method=",
        },
        new("bitstamp", "Bitstamp's trades")
        {
            Columns = TickHistory, Headerless = ("time,price,volume", "tdd"),
            Json = "id=/tid side=/type price=/price size=/amount time=/date", Sides = "0=buy,1=sell",
        },
        new("alpaca", "Alpaca trades")
        {
            Columns = "symbol=symbol time=timestamp venue=exchange price=price size=size id=id correction=update",
            Signature = ["symbol", "timestamp", "exchange", "price", "size", "conditions", "id", "tape"],
            Items = "/trades", Json = "symbol=/S|value:/symbol time=/t venue=/x price=/p size=/s id=/i side=/tks correction=/u",
            JsonFilter = "/T=t|", Sides = "B=buy,S=sell",
        },
        new("polygon", "Polygon flat files")
        {
            Columns = "symbol=ticker venue=exchange time=participant_timestamp price=price size=size id=id correction=correction",
            Signature = ["ticker", "conditions", "exchange", "participant_timestamp", "price", "size"],
        },
        new("polygon", "Polygon flat files of options")
        {
            Columns = "symbol=ticker venue=exchange time=sip_timestamp price=price size=size id=id correction=correction",
            Signature = ["ticker", "conditions", "correction", "exchange", "sip_timestamp", "price", "size"],
            Items = "/results", JsonFilter = "/ev=T|XT|",
            Json = "symbol=/sym|/pair time=/t|/participant_timestamp|/sip_timestamp price=/p|/price size=/s|/size "
                + "id=/i|/id correction=/correction",
        },
        new("taq", "NYSE TAQ of WRDS, by the millisecond or finer")
        {
            Columns = "date=date time=time_m venue=ex symbol=sym_root size=size price=price correction=tr_corr id=tr_id",
            Signature = ["date", "time_m", "ex", "sym_root", "size", "price"], TimeZone = NewYork,
        },
        new("taq", "NYSE TAQ of WRDS, by the second")
        {
            Columns = "symbol=symbol date=date time=time price=price size=size correction=corr venue=ex",
            Signature = ["symbol", "date", "time", "price", "size", "corr", "cond", "ex"], TimeZone = NewYork,
        },
        new("ccxt", "ccxt trades")
        {
            Columns = "symbol=symbol time=timestamp id=id side=side price=price size=amount",
            Signature = ["id", "timestamp", "datetime", "symbol", "takerOrMaker", "price", "amount", "side"],
            Json = "symbol=/symbol time=/timestamp id=/id side=/side price=/price size=/amount",
            JsonSignature = ["id", "timestamp", "datetime", "symbol", "takerOrMaker", "price", "amount", "side"],
            Sides = "buy=buy,sell=sell",
        },
    ];

    /// <summary>The names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(preset => preset.Name).Distinct());

    /// <summary>The names of those of JSON.</summary>
    public static string JsonNames { get; } =
        string.Join(", ", All.Where(preset => preset.Json is not null).Select(preset => preset.Name).Distinct());

    /// <summary>
    /// The symbol in a path such as <c>…/BTCUSDT-trades-2025-01-01.csv</c>, or of a folder <c>symbol=BTCUSDT</c>, as Hive and Spark
    /// partition files; or null.
    /// </summary>
    public static string? SymbolInPath(string path) => All[0].SymbolIn(path) is { } symbol && !AllSymbols.Contains(symbol) ? symbol
        : (PartitionOfSymbol.Match(path) is { Success: true } match ? Uri.UnescapeDataString(match.Groups["symbol"].Value) : null);

    /// <summary>The group <c>symbol</c> of <paramref name="pattern"/> in a path, or the whole match; null where there is none.</summary>
    public static string? SymbolIn(string path, string pattern)
    {
        var match = Regex.Match(path, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return !match.Success ? null : match.Groups["symbol"] is { Success: true } named ? named.Value : match.Value;
    }

    /// <summary>Those of a name, in any case; empty where there is none.</summary>
    public static IReadOnlyList<Preset> Named(string name) =>
        [.. All.Where(preset => preset.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];

    /// <summary>The JSON format of a name, or null.</summary>
    public static Preset? JsonNamed(string? name) =>
        string.IsNullOrEmpty(name) ? null : Named(name).FirstOrDefault(preset => preset.Json is not null)?.ForJson();
}
