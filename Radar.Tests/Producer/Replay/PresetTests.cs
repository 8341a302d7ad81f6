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
        { "binance", false, "a.json", """
            {"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":1709251200124,"s":"BTCUSDT","a":7,"p":"61179.50","q":"0.002","f":1,"l":2,"T":1709251200123,"m":true,"M":true}}
            {"e":"depthUpdate","E":1709251200124,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[]}
            """, "BTCUSDT 0.002 7 Sell " },
        { "binance", false, "raw.json", """
            {"e":"trade","E":1709251200124,"T":1709251200123,"s":"BTCUSDT","t":7,"p":"61179.50","q":"0.002","X":"MARKET","m":false}
            {"e":"trade","E":1709251200124,"T":1709251200123,"s":"BTCUSDT","t":8,"p":"0","q":"0","X":"NA","m":false}
            """, "BTCUSDT 0.002 7 Buy " },
        { "binance", false, "rest.json", """
            [{"id":7,"price":"61179.50","qty":"0.002","quoteQty":"122.359","time":1709251200123,"isBuyerMaker":true,"isBestMatch":true}]
            """, "GIVEN 0.002 7 Sell " },
        { "coinbase", true, "a.csv", "type,trade_id,maker_order_id,taker_order_id,side,size,price,product_id,sequence,time\n"
            + "match,7,a,b,sell,0.002,61179.5,BTC-USD,5,2024-03-01T00:00:00.123456Z\n"
            + "last_match,6,a,b,sell,0.002,61179.5,BTC-USD,4,2024-03-01T00:00:00.123456Z\n", "BTC-USD 0.002 7 Buy coinbase" },
        { "coinbase", true, "b.csv", "trade_id,maker_order_id,taker_order_id,side,size,price,product_id,time\n"
            + "7,a,b,buy,0.002,61179.5,BTC-USD,2024-03-01T00:00:00.123456Z\n", "BTC-USD 0.002 7 Sell coinbase" },
        { "coinbase", false, "a.json", """
            {"type":"match","trade_id":7,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"0.002","price":"61179.5","product_id":"BTC-USD","sequence":5,"time":"2024-03-01T00:00:00.123456Z"}
            {"type":"ticker","product_id":"BTC-USD","price":"1","side":"buy","time":"2024-03-01T00:00:00.123456Z","trade_id":7,"last_size":"1"}
            """, "BTC-USD 0.002 7 Buy coinbase" },
        { "hyperliquid", true, "a.csv", "coin,side,px,sz,time,hash,tid\nBTC,A,61179.5,0.002,1709251200123,0x1,7\n",
            "BTC 0.002 7 Sell hyperliquid" },
        { "hyperliquid", true, "node_trades", """
            {"coin":"BTC","side":"B","time":"2024-03-01T00:00:00.123456789","px":"61179.5","sz":"0.002","hash":"0x1","trade_dir_override":"Na","side_info":[]}
            """, "BTC 0.002  Buy hyperliquid" },
        { "hyperliquid", false, "a.json", """
            {"channel":"trades","data":[{"coin":"BTC","side":"A","px":"61179.5","sz":"0.002","hash":"0x1","time":1709251200123,"tid":7}]}
            {"channel":"l2Book","data":{"coin":"BTC","time":1709251200123,"levels":[[],[]]}}
            """, "BTC 0.002 7 Sell hyperliquid" },
        { "tardis", true, "a.json", """
            {"type":"trade","symbol":"XBTUSD","exchange":"bitmex","id":"7","price":61179.5,"amount":50,"side":"sell","timestamp":"2024-03-01T00:00:00.123Z","localTimestamp":"2024-03-01T00:00:00.200Z"}
            {"type":"book_change","symbol":"XBTUSD","exchange":"bitmex","isSnapshot":false,"bids":[],"asks":[],"timestamp":"2024-03-01T00:00:00.123Z","localTimestamp":"2024-03-01T00:00:00.200Z"}
            """, "XBTUSD 50 7 Sell bitmex" },
        { "tardis", true, "ns.csv", "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
            + "deribit,BTC-PERPETUAL,1709251200123456789,1709251200123999000,7,buy,61179.5,10\n", "BTC-PERPETUAL 10 7 Buy deribit" },
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
        { "databento", true, "a.json", """
            {"hd":{"ts_event":"1709251200123456789","rtype":0,"publisher_id":1,"instrument_id":5482},"action":"T","side":"A","price":"61179500000000","size":5,"symbol":"ESH4"}
            {"hd":{"ts_event":"1709251200123456789","rtype":0,"publisher_id":1,"instrument_id":5482},"action":"A","side":"A","price":"1","size":5,"symbol":"ESH4"}
            """, "ESH4 5  Sell " },
        { "kaiko", true, "Binance_btcusdt_trades_2024_03_01.csv",
            "id,exchange,symbol,date,price,amount,sell\n7,bnce,btc-usdt,1709251200123,61179.5,0.002,true\n", "BTC-USDT 0.002 7 Sell bnce" },
        { "coinapi", true, "T-TRADES/D-20240301/E-BITMEX/IDDI-1+SC-BITMEX_PERP_XBT_USD+S-XBTUSD.csv",
            "time_exchange;time_coinapi;guid;price;base_amount;taker_side\n2024-03-01T00:00:00.1234567;2024-03-01T00:00:00.2;"
                + "5caec0c2-09f0;61179.5;2000;SELL_ESTIMATED\n", "XBTUSD 2000 5caec0c2-09f0 Sell " },
        { "kaiko", false, "rest.json", """
            {"query":{"exchange":"cbse","instrument_class":"spot","instrument":"btc-usd"},"time":"2024-03-01T00:00:01Z","data":[{"timestamp":1709251200123,"trade_id":"7","price":"61179.5","amount":"0.002","taker_side_sell":true}],"result":"success"}
            """, "BTC-USD 0.002 7 Sell cbse" },
        { "kaiko", true, "a.csv", "id,exchange,symbol,date,price,amount,sell\n7,indr,btc-aud,1709251200123,61179.5,0.002,unknown\n",
            "BTC-AUD 0.002 7 Unknown indr" },
        { "coinapi", true, "IDDI-1+SC-KRAKEN_SPOT_XBT_USD+S-XBT%2FUSD.D.csv",
            "time_exchange;time_coinapi;guid;price;base_amount;taker_side\n2024-03-01T00:00:00.1234567;2024-03-01T00:00:00.2;"
                + "5caec0c2-09f0;61179.5;2000;BUY\n", "XBT/USD.D 2000 5caec0c2-09f0 Buy " },
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
        { "bybit", false, "ws.json", """
            {"success":true,"ret_msg":"","conn_id":"a","op":"subscribe"}
            {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1709251200124,"data":[{"T":1709251200123,"s":"BTCUSDT","S":"Sell","v":"0.002","p":"61179.50","i":"20f4","BT":false}]}
            {"topic":"allLiquidation.BTCUSDT","type":"snapshot","ts":1709251200124,"data":[{"T":1709251200123,"s":"BTCUSDT","S":"Buy","v":"5","p":"61000"}]}
            {"topic":"tickers.BTCUSDT","type":"snapshot","ts":1709251200124,"data":{"symbol":"BTCUSDT","lastPrice":"61000"}}
            """, "BTCUSDT 0.002 20f4 Sell " },
        { "bybit", false, "rest.json", """
            {"retCode":0,"retMsg":"OK","result":{"category":"spot","list":[{"execId":"7","symbol":"BTCUSDT","price":"61179.5","size":"0.002","side":"Buy","time":"1709251200123","isBlockTrade":false}]},"time":1709251200200}
            """, "BTCUSDT 0.002 7 Buy " },
        { "okx", false, "ws.json", """
            {"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"a"}
            {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"7","px":"61179.5","sz":"0.002","side":"sell","ts":"1709251200123"}]}
            {"arg":{"channel":"block-tickers","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","px":"1","sz":"1","side":"buy","ts":"1709251200123"}]}
            """, "BTC-USDT 0.002 7 Sell " },
        { "okx", false, "rest.json", """
            {"code":"0","msg":"","data":[{"instId":"BTC-USDT","side":"sell","sz":"0.002","px":"61179.5","tradeId":"7","ts":"1709251200123"}]}
            """, "BTC-USDT 0.002 7 Sell " },
        { "okx", true, "BTC-USDT-SWAP-trades-2024-03-01.csv",
            "instrument_name,trade_id,side,price,size,created_time,source\nBTC-USDT-SWAP,7,sell,61179.5,14.07,1709251200123,0\n",
            "BTC-USDT-SWAP 14.07 7 Sell " },
        { "okx", false, "a.json", """
            {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"7","px":"61179.5","sz":"0.002","side":"buy","ts":"1709251200123"}]}
            """, "BTC-USDT 0.002 7 Buy " },
        { "bitget", true, "online/trades/SPBL/BTCUSDT/20240301_001.csv",
            "trade_id,timestamp,price,side,volume(quote),size(base)\n1131234567890123456,1709251200123,61179.5,buy,122.359,0.002\n",
            "BTCUSDT 0.002 1131234567890123456 Buy " },
        { "bitget", true, "XRPUSDT_UMCBL_20240301_001.csv",
            "trade_id,timestamp,price,side,volume(quote),size(base)\n7,1709251200123,61179.5,buy,122.359,0.002\n", "XRPUSDT 0.002 7 Buy " },
        { "bitget", true, "USDT-BTCUSDT_20260901_001.csv",
            "trade_id,timestamp,price,side,volume(quote),size(base)\n7,1709251200123,61179.5,sell,122.359,0.002\n",
            "BTCUSDT 0.002 7 Sell " },
        { "bitget", false, "ws.json", """
            {"event":"subscribe","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"}}
            {"action":"update","arg":{"instType":"SPOT","channel":"other","instId":"BTCUSDT"},"data":[{"ts":"1709251200122","price":"1","size":"1","side":"buy","tradeId":"6"}]}
            {"action":"update","arg":{"instType":"SPOT","channel":"trade","instId":"BTCUSDT"},"data":[{"ts":"1709251200123","price":"61179.5","size":"0.002","side":"sell","tradeId":"7"}]}
            """, "BTCUSDT 0.002 7 Sell " },
        { "bitget", false, "rest.json", """
            {"code":"00000","msg":"success","data":[{"symbol":"BTCUSDT","tradeId":"7","side":"sell","price":"61179.5","size":"0.002","ts":"1709251200123"}]}
            """, "BTCUSDT 0.002 7 Sell " },
        { "gate", false, "ws.json", """
            {"time":1,"channel":"spot.trades","event":"subscribe","result":{"status":"success"}}
            {"time":1,"channel":"spot.trades","event":"update","result":{"id":7,"create_time":1709251200,"create_time_ms":"1709251200123.4578","side":"sell","currency_pair":"GT_USDT","amount":"16.47","price":"61179.5"}}
            """, "GT_USDT 16.47 7 Sell " },
        { "gate", false, "futures.json", """
            {"time":1,"channel":"futures.trades","event":"update","result":[{"size":-108,"id":7,"create_time":1709251200,"create_time_ms":1709251200123,"price":"61179.5","contract":"BTC_USD"}]}
            {"time":1,"channel":"futures.order_book","event":"all","result":{"contract":"BTC_USD","asks":[],"bids":[]}}
            """, "BTC_USD 108 7 Sell " },
        { "gate", false, "rest.json", """
            [{"id":"7","create_time":"1709251200","create_time_ms":"1709251200123.456","currency_pair":"GT_USDT","side":"buy","amount":"16.47","price":"61179.5"}]
            """, "GT_USDT 16.47 7 Buy " },
        { "gate", true, "BTC_USDT-202403.csv", "1709251200.123456,7,61179.5,0.002,1\n", "BTC_USDT 0.002 7 Sell " },
        { "gate", true, "futures/BTC_USDT-202403.csv", "1709251200.123456,7,61179.5,-20\n", "BTC_USDT 20 7 Sell " },
        { "bitmex", true, "20240301.csv", "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,"
            + "foreignNotional,trdType\n2024-03-01D00:00:00.123456000,XBTUSD,Buy,100,61179.5,ZeroPlusTick,0000,163453,0.0016,100,Regular\n"
            + "2024-03-01D00:00:00.123456000,.BXBT,Buy,0,61179.5,ZeroPlusTick,0001,,,,Referential\n", "XBTUSD 100 0000 Buy " },
        { "bitmex", false, "ws.json", """
            {"info":"Welcome to the BitMEX Realtime API.","version":"2","timestamp":"2024-03-01T00:00:00.123Z"}
            {"success":true,"subscribe":"trade:XBTUSD","request":{"op":"subscribe","args":["trade:XBTUSD"]}}
            {"table":"trade","action":"partial","data":[{"timestamp":"2024-03-01T00:00:00.123Z","symbol":"XBTUSD","side":"Buy","size":1,"price":1,"trdMatchID":"6"}]}
            {"table":"trade","action":"insert","data":[{"timestamp":"2024-03-01T00:00:00.123Z","symbol":"XBTUSD","side":"Sell","size":100,"price":61179.5,"trdMatchID":"7","trdType":"Regular"}]}
            {"table":"orderBookL2","action":"insert","data":[{"symbol":"XBTUSD","id":8799999500,"side":"Buy","size":10,"price":5,"timestamp":"2024-03-01T00:00:00.123Z"}]}
            """, "XBTUSD 100 7 Sell " },
        { "bitmex", false, "rest.json", """
            [{"timestamp":"2024-03-01T00:00:00.123Z","symbol":"XBTUSD","side":"Buy","size":100,"price":61179.5,"trdMatchID":"7"}]
            """, "XBTUSD 100 7 Buy " },
        { "kraken", false, "XBTUSD.csv", "1709251200.123,61179.5,0.002\n", "XBTUSD 0.002  Unknown " },
        { "kraken", false, "ws.json", """
            {"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true}
            {"channel":"trade","type":"snapshot","data":[{"symbol":"BTC/USD","side":"buy","price":1,"qty":1,"trade_id":6,"timestamp":"2024-03-01T00:00:00Z"}]}
            {"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":61179.5,"qty":0.002,"trade_id":7,"timestamp":"2024-03-01T00:00:00.123456Z"}]}
            {"channel":"heartbeat"}
            """, "BTC/USD 0.002 7 Sell " },
        { "bitstamp", false, "a.json", """
            [{"date":"1709251200.123","tid":"7","amount":"0.002","type":"1","price":"61179.5"}]
            """, "GIVEN 0.002 7 Sell " },
        { "alpaca", true, "a.csv", "symbol,timestamp,exchange,price,size,conditions,id,tape\n"
            + "AAPL,2024-03-01 00:00:00.123456+00:00,V,61179.5,100,['@'],7,C\n", "AAPL 100 7 Unknown V" },
        { "alpaca", false, "a.json", """
            [{"T":"t","S":"AAPL","i":7,"x":"D","p":61179.5,"s":100,"t":"2024-03-01T00:00:00.123456789Z","c":["@"],"z":"C"},{"T":"q","S":"AAPL"}]
            """, "AAPL 100 7 Unknown D" },
        { "alpaca", false, "crypto.json", """
            [{"T":"t","S":"BTC/USD","p":61179.5,"s":0.002,"t":"2024-03-01T00:00:00.123456Z","i":7,"tks":"S"}]
            """, "BTC/USD 0.002 7 Sell " },
        { "alpaca", false, "rest.json", """
            {"symbol":"AAPL","trades":[{"t":"2024-03-01T00:00:00.123456789Z","x":"V","p":61179.5,"s":100,"c":["@"],"i":7,"z":"C"}],"next_page_token":null}
            """, "AAPL 100 7 Unknown V" },
        { "polygon", false, "crypto.json", """
            [{"ev":"XT","pair":"BTC-USD","p":61179.5,"t":1709251200123,"s":0.002,"c":[2],"i":"7","x":1},{"ev":"status","status":"connected"}]
            """, "BTC-USD 0.002 7 Unknown " },
        { "polygon", false, "rest.json", """
            {"results":[{"conditions":[12],"exchange":11,"id":"7","participant_timestamp":1709251200123482943,"price":61179.5,"sip_timestamp":1709251200999308985,"size":4}],"status":"OK"}
            """, "GIVEN 4 7 Unknown " },
        { "taq", true, "wrds.csv", "DATE,TIME_M,EX,SYM_ROOT,SYM_SUFFIX,TR_SCOND,SIZE,PRICE,TR_CORR,TR_ID\n"
            + "20240229,19:00:00.123456,Q,BRK,B,@F I,100,61179.5,00,7\n", "BRK.B 100 7 Unknown Q" },
        { "taq", true, "seconds.csv", "SYMBOL,DATE,TIME,PRICE,SIZE,G127,CORR,COND,EX\nA,20240229,19:00:00.123,61179.5,100,40,0,,N\n",
            "A 100  Unknown N" },
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
