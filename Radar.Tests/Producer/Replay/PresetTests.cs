using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Tests.Producer.Replay;

/// <summary>One made-up file in the shape of each known format: recognised where that is sure, and by its name in any case.</summary>
public sealed class PresetTests
{
    private const long Ms = 1709251200123; // 2024-03-01T00:00:00.123Z

    /// <summary>Preset, whether it is recognised without the setting, path, text, and the tick: symbol, size, id, side, venue.</summary>
    public static TheoryData<string, bool, string, string, string> Files() => new()
    {
        { "binance", true, "BTCUSDT-trades-2024-03-01.csv", "7,61179.50000000,0.00200000,122.359,1709251200123,True,True\n",
            "BTCUSDT 0.002 7 Sell binance" },
        { "binance", true, "BTCUSDT-trades-2024-03.csv", "7,61179.50000000,0.00200000,122.359,1709251200123999,False,True\n",
            "BTCUSDT 0.002 7 Buy binance" },
        { "binance", true, "BTCUSDT-aggTrades-2024-03-01.csv", "7,61179.50000000,0.002,11,12,1709251200123,True,True\n",
            "BTCUSDT 0.002 7 Sell binance" },
        { "binance", true, "BTCUSDT-trades-2024-03-01.csv",
            "id,price,qty,quote_qty,time,is_buyer_maker\n7,61179.5,0.002,122.359,1709251200123,true\n",
            "BTCUSDT 0.002 7 Sell binance-usdm" },
        { "binance", true, "BTCUSDT-aggTrades-2024-03-01.csv", "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,"
            + "is_buyer_maker\n7,61179.5,0.002,1,2,1709251200123,false\n", "BTCUSDT 0.002 7 Buy binance-usdm" },
        { "binance", true, "BTCUSD_PERP-trades-2024-03-01.csv",
            "id,price,qty,base_qty,time,is_buyer_maker\n7,61179.5,2,0.003,1709251200123,true\n", "BTCUSD_PERP 2 7 Sell binance-coinm" },
        { "tardis", true, "a.csv", "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
            + "deribit,BTC-PERPETUAL,1709251200123456,1709251200123999,7,unknown,61179.5,10\n", "BTC-PERPETUAL 10 7 Unknown deribit" },
        { "databento", true, "a.csv", "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,"
            + "sequence,symbol\n1709251200124000000,1709251200123456789,0,1,5482,T,A,0,61179500000000,5,129,19251,1,ESH4\n",
            "ESH4 5  Sell " },
        { "databento", true, "pretty.csv", "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,"
            + "ts_in_delta,sequence,symbol\n2024-03-01T00:00:00.124Z,2024-03-01T00:00:00.123456789Z,0,1,5482,T,B,0,61179.500000000,5,129,"
            + "19251,1,ESH4\n", "ESH4 5  Buy " },
        { "databento", true, "mbp.csv", "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,"
            + "sequence,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,symbol\n1709251200124000000,1709251200123456789,1,1,"
            + "5482,T,B,0,61179500000000,5,0,1,1,61179000000000,61180000000000,1,2,1,1,ESH4\n", "ESH4 5  Buy " },
        { "databento", false, "a.json", """
            {"hd":{"ts_event":"1709251200123456789","rtype":0,"publisher_id":1,"instrument_id":5482},"action":"T","side":"A","price":"61179500000000","size":5,"symbol":"ESH4"}
            {"hd":{"ts_event":"1709251200123456789","rtype":0,"publisher_id":1,"instrument_id":5482},"action":"A","side":"A","price":"1","size":5,"symbol":"ESH4"}
            """, "ESH4 5  Sell " },
        { "kaiko", true, "Binance_btcusdt_trades_2024_03_01.csv",
            "id,exchange,symbol,date,price,amount,sell\n7,bnce,btc-usdt,1709251200123,61179.5,0.002,true\n", "BTC-USDT 0.002 7 Sell bnce" },
        { "coinapi", true, "T-TRADES/D-20240301/E-BITMEX/IDDI-1+SC-BITMEX_PERP_XBT_USD+S-XBTUSD.csv",
            "time_exchange;time_coinapi;guid;price;base_amount;taker_side\n2024-03-01T00:00:00.1234567;2024-03-01T00:00:00.2;"
                + "5caec0c2-09f0;61179.5;2000;SELL_ESTIMATED\n", "XBTUSD 2000 5caec0c2-09f0 Sell " },
        { "coinapi", true, "a.json", """
            [{"symbol_id":"COINBASE_SPOT_BTC_USD","time_exchange":"2024-03-01T00:00:00.1234567Z","time_coinapi":"2024-03-01T00:00:01Z","uuid":"f84a","price":61179.5,"size":0.01,"taker_side":"BUY"}]
            """, "COINBASE_SPOT_BTC_USD 0.01 f84a Buy " },
        { "bybit", true, "BTCUSDT_2024-03-01.csv", "id,timestamp,price,volume,side\n7,1709251200123,61179.5,0.002,sell\n",
            "BTCUSDT 0.002 7 Sell " },
        { "bybit", true, "BTCUSDT2024-03-01.csv", "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,"
            + "foreignNotional,RPI\n1709251200.1234,BTCUSDT,Buy,0.002,61179.50,PlusTick,48a4,122359,0.002,122.359,0\n",
            "BTCUSDT 0.002 48a4 Buy " },
        { "bybit", false, "a.json", """
            {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1709251200124,"data":[{"T":1709251200123,"s":"BTCUSDT","S":"Buy","v":"0.002","p":"61179.50","L":"PlusTick","i":"20f4","BT":false}]}
            """, "BTCUSDT 0.002 20f4 Buy " },
        { "okx", true, "BTC-USDT-SWAP-trades-2024-03-01.csv",
            "instrument_name,trade_id,side,price,size,created_time,source\nBTC-USDT-SWAP,7,sell,61179.5,14.07,1709251200123,0\n",
            "BTC-USDT-SWAP 14.07 7 Sell " },
        { "okx", false, "a.json", """
            {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"7","px":"61179.5","sz":"0.002","side":"buy","ts":"1709251200123"}]}
            """, "BTC-USDT 0.002 7 Buy " },
        { "bitget", true, "online/trades/SPBL/BTCUSDT/20240301_001.csv",
            "trade_id,timestamp,price,side,volume(quote),size(base)\n1131234567890123456,1709251200123,61179.5,buy,122.359,0.002\n",
            "BTCUSDT 0.002 1131234567890123456 Buy " },
        { "gate", true, "BTC_USDT-202403.csv", "1709251200.123456,7,61179.5,0.002,1\n", "BTC_USDT 0.002 7 Sell " },
        { "gate", true, "futures/BTC_USDT-202403.csv", "1709251200.123456,7,61179.5,-20\n", "BTC_USDT 20 7 Sell " },
        { "bitmex", true, "20240301.csv", "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,"
            + "foreignNotional,trdType\n2024-03-01D00:00:00.123456000,XBTUSD,Buy,100,61179.5,ZeroPlusTick,0000,163453,0.0016,100,Regular\n",
            "XBTUSD 100 0000 Buy " },
        { "kraken", false, "XBTUSD.csv", "1709251200.123,61179.5,0.002\n", "XBTUSD 0.002  Unknown " },
        { "bitstamp", false, "a.json", """
            [{"date":"1709251200.123","tid":"7","amount":"0.002","type":"1","price":"61179.5"}]
            """, "GIVEN 0.002 7 Sell " },
        { "alpaca", true, "a.csv", "symbol,timestamp,exchange,price,size,conditions,id,tape\n"
            + "AAPL,2024-03-01 00:00:00.123456+00:00,V,61179.5,100,['@'],7,C\n", "AAPL 100 7 Unknown V" },
        { "alpaca", false, "a.json", """
            [{"T":"t","S":"AAPL","i":7,"x":"D","p":61179.5,"s":100,"t":"2024-03-01T00:00:00.123456789Z","c":["@"],"z":"C"},{"T":"q","S":"AAPL"}]
            """, "AAPL 100 7 Unknown D" },
        { "polygon", true, "2024-03-01.csv", "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,"
            + "sip_timestamp,size,tape,trf_id,trf_timestamp\nA,\"12,37\",0,4,7,1709251200123482943,61179.500000,3478,1709251200999308985,"
            + "4.000000,1,201,1709251200999271495\n", "A 4 7 Unknown 4" },
        { "polygon", true, "crypto.csv", "ticker,conditions,exchange,id,participant_timestamp,price,size\n"
            + "X:BTC-USD,2,1,7,1709251200123000000,61179.5,0.002\n", "X:BTC-USD 0.002 7 Unknown 1" },
        { "polygon", true, "options.csv", "ticker,conditions,correction,exchange,price,sip_timestamp,size\n"
            + "O:SPY240301C00500000,209,0,302,61179.5,1709251200123000000,1\n", "O:SPY240301C00500000 1  Unknown 302" },
        { "ccxt", true, "a.json", """
            [
              {
                "info": {"x": [1, "a]\"{"]}, "id": "7", "timestamp": 1709251200123, "datetime": "2024-03-01T00:00:00.123Z",
                "symbol": "BTC/USDT", "order": null, "type": "limit", "side": "sell", "takerOrMaker": "taker",
                "price": 61179.5, "amount": 0.002, "cost": 122.359, "fee": null
              }
            ]
            """, "BTC/USDT 0.002 7 Sell " },
        { "ccxt", true, "a.csv", "id,timestamp,datetime,symbol,order,type,side,takerOrMaker,price,amount,cost\n"
            + "7,1709251200123,2024-03-01T00:00:00.123Z,BTC/USDT,,limit,buy,taker,61179.5,0.002,122.359\n", "BTC/USDT 0.002 7 Buy " },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_is_read_by_the_name_of_its_format(string preset, bool known, string path, string text, string expected)
    {
        _ = known;
        using var run = new ReplayRun();
        run.Producer.Replay.Preset = preset;
        run.Producer.Replay.Symbol = expected.StartsWith("GIVEN", StringComparison.Ordinal) ? "given" : null;

        Assert.Equal(expected, Shown(Assert.Single(await run.ReadTextAsync(text, path))));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task File_is_recognised_without_the_name_where_that_is_sure(
        string preset, bool known, string path, string text, string expected)
    {
        _ = preset;
        if (!known)
            return;
        using var run = new ReplayRun();

        Assert.Equal(expected, Shown(Assert.Single(await run.ReadTextAsync(text, path))));
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Fact]
    public void Every_preset_has_a_file_here() =>
        Assert.Empty(Presets.All.Select(preset => preset.Name).Except(Files().Select(row => (string)row[0])));

    [Fact]
    public async Task Lean_crypto_has_decimals_and_utc()
    {
        using var run = new ReplayRun();

        Assert.Equal(
            [new Tick("BTCUSD", 232.40m, 1455667200000 + 86_400, 93.1m, Venue: "lean")],
            await run.ReadTextAsync("86400,232.40,93.1\n", "20160217_btcusd_tick_trade.csv"));
    }

    private static string Shown(Tick tick)
    {
        Assert.Equal((61179.5m, Ms), (tick.Price, tick.TimestampMs));
        return FormattableString.Invariant($"{tick.Symbol} {tick.Size} {tick.TradeId} {tick.Side} {tick.Venue}");
    }
}
