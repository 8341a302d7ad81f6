using System.Text;
using Radar.Market;
using Radar.Producer.Replay;
using Radar.Producer.Venues.Bybit;
using Radar.Producer.Venues.CoinbaseAdvanced;
using Radar.Producer.Venues.Hyperliquid;
using Radar.Producer.Venues.Okx;
using Radar.Producer.Venues.Protocol;
using static Radar.Tests.Producer.Venues.VenueReading;

namespace Radar.Tests.Producer.Venues;

/// <summary>Bybit, OKX, Coinbase Advanced Trade and Hyperliquid.</summary>
public sealed class NewVenueTradesTests
{
    private const string Bybit =
        """
        {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617},{"T":1672304486866,"s":"BTCUSDT","S":"Sell","v":"2","p":"16578","L":"MinusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023b0","BT":false,"seq":1783284618}]}
        """;

    private const string Okx =
        """
        {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1630048897897","count":"3","source":"0","seqId":1234}]}
        """;

    private const string Advanced =
        """
        {"channel":"market_trades","client_id":"","timestamp":"2023-02-09T20:19:35.39625135Z","sequence_num":0,"events":[{"type":"update","trades":[{"trade_id":"12","product_id":"ETH-USD","price":"1260.02","size":"0.3","side":"BUY","time":"2019-08-14T20:42:28Z"},{"trade_id":"11","product_id":"ETH-USD","price":"1260.01","size":"0.2","side":"SELL","time":"2019-08-14T20:42:27.265Z"}]}]}
        """;

    private const string Hyperliquid =
        """
        {"channel":"trades","data":[{"coin":"BTC","side":"B","px":"61000.0","sz":"0.01","hash":"0x1","time":1723161255342,"tid":734539876,"users":["0x1","0x2"]},{"coin":"BTC","side":"A","px":"60999.5","sz":"0.5","hash":"0x2","time":1723161255300,"tid":5,"users":["0x1","0x2"]}]}
        """;

    [Theory]
    [InlineData("20f43950-d8dd-5b31-9112-a178eb6023af", "BTCUSDT", "bybit-linear")]
    [InlineData("20f43950-d8dd-5b31-9112-a178eb6023af", "BTCUSD", "bybit-inverse")]
    [InlineData("20f43950-d8dd-5b31-9112-a178eb6023af", "BTCUSDH26", "bybit-inverse")]
    [InlineData("20f43950-d8dd-5b31-9112-a178eb6023af", "BTC-26DEC25", "bybit-linear")]
    [InlineData("20f43950-d8dd-5b31-9112-a178eb6023af", "BTC-26DEC25-60000-C", "bybit-option")]
    [InlineData("2290000000067683459", "BTCUSDT", "bybit")]
    public void Bybit_trade_is_named_by_its_market(string id, string symbol, string venue)
    {
        string json = Bybit.Replace("20f43950-d8dd-5b31-9112-a178eb6023af", id, StringComparison.Ordinal)
            .Replace("BTCUSDT", symbol, StringComparison.Ordinal);

        var trade = Read(new BybitTrades(), json)[0];

        Assert.Equal((symbol, 16578.5m, 1672304486865, 0.001m, id, Side.Buy, venue),
            (trade.Symbol, trade.Price, trade.TimestampMs, trade.Size, trade.TradeId.ToString(), trade.Side, trade.Venue));
    }

    [Fact]
    public void Bybit_market_of_the_address_counts() => Assert.Equal(
        ["bybit-inverse", "bybit-inverse"],
        Read(new CaptureParsers(SymbolRule.Upper).ForHost("stream.bybit.com", "/v5/public/inverse")!, Bybit).Select(trade => trade.Venue!));

    [Fact]
    public void Okx_entry_of_several_trades_has_the_first_id_and_counts_once()
    {
        var live = new OkxTrades { ReportsAll = true };

        var trade = Assert.Single(Read(live, Okx));

        Assert.Equal(new Tick("BTC-USDT", 42219.9m, 1630048897897, 0.12060306m, new TradeId(130639474), Side.Buy, "okx"), trade);
        Assert.Equal(130639472, live.FirstId(0, trade));
        var capture = new OkxTrades();
        Assert.Single(Read(capture, Okx));
        Assert.Empty(Read(capture, Okx, VenueMessage.NoTrade)); // after a new subscription
    }

    [Fact]
    public void Coinbase_advanced_trades_are_put_in_order_and_their_side_is_turned() => Assert.Equal(
        [
            new Tick("ETH-USD", 1260.01m, 1565815347265, 0.2m, new TradeId(11), Side.Buy, "coinbase-advanced"),
            new Tick("ETH-USD", 1260.02m, 1565815348000, 0.3m, new TradeId(12), Side.Sell, "coinbase-advanced"),
        ],
        Read(new CoinbaseAdvancedTrades(), Advanced));

    [Fact]
    public void Coinbase_advanced_snapshot_is_no_trade_unless_repeats_are_asked_for()
    {
        string snapshot = Advanced.Replace("\"update\"", "\"snapshot\"", StringComparison.Ordinal);

        Assert.Empty(Read(new CoinbaseAdvancedTrades(), snapshot, VenueMessage.NoTrade));
        var repeats = Read(new CoinbaseAdvancedTrades { ReportsAll = true }, snapshot, VenueMessage.Repeats);
        Assert.Equal([11, 12], repeats.Select(trade => trade.TradeId.Number!.Value));
    }

    [Fact]
    public void Hyperliquid_trades_are_put_in_order_and_counted_once()
    {
        var capture = new HyperliquidTrades();

        Assert.Equal(
            [
                new Tick("BTC", 60999.5m, 1723161255300, 0.5m, new TradeId(5), Side.Sell, "hyperliquid"),
                new Tick("BTC", 61000m, 1723161255342, 0.01m, new TradeId(734539876), Side.Buy, "hyperliquid"),
            ],
            Read(capture, Hyperliquid));
        Assert.Empty(Read(capture, Hyperliquid, VenueMessage.NoTrade));
    }

    [Theory]
    [InlineData("""{"success":true,"ret_msg":"pong","conn_id":"a","req_id":"","op":"ping"}""")]
    [InlineData("""{"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1,"data":{"s":"BTCUSDT","b":[],"a":[]},"cts":1}""")]
    [InlineData("""{"event":"subscribe","arg":{"channel":"trades","instId":"BTC-USDT"},"connId":"a4d3ae55"}""")]
    [InlineData("""{"event":"error","code":"60012","msg":"Invalid request","connId":"a4d3ae55"}""")]
    [InlineData("""{"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[],"bids":[]}]}""")]
    [InlineData("""{"channel":"heartbeats","timestamp":"2023-06-23T20:31:26Z","sequence_num":0,"events":[{"heartbeat_counter":"1"}]}""")]
    [InlineData("""{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"trades","coin":"BTC"}}}""")]
    [InlineData("""{"channel":"pong"}""")]
    [InlineData("pong")]
    public void Message_beside_trades_is_known_to_one_venue(string json)
    {
        var results = new CaptureParsers(SymbolRule.Upper).ByMessage.Select(venue => venue.Read(Encoding.UTF8.GetBytes(json), []));

        Assert.Single(results, result => result == VenueMessage.NoTrade);
    }

    [Theory]
    [InlineData(Bybit)]
    [InlineData(Okx)]
    [InlineData(Advanced)]
    [InlineData(Hyperliquid)]
    public void Message_of_one_venue_is_foreign_to_the_others_and_broken_where_it_is_cut(string json)
    {
        AssertOfOneVenue(json);
        AssertCut(json, result => Assert.Equal(VenueMessage.Broken, result));
    }

    [Theory]
    [InlineData(Bybit, "\"p\":\"16578.50\",", "")]
    [InlineData(Bybit, "\"p\":\"16578.50\"", "\"p\":\"NaN\"")]
    [InlineData(Bybit, "\"i\":\"20f43950-d8dd-5b31-9112-a178eb6023af\"", "\"i\":null")]
    [InlineData(Okx, "\"px\":\"42219.9\"", "\"px\":\"-1\"")]
    [InlineData(Okx, "\"tradeId\":\"130639474\"", "\"tradeId\":\"x\"")]
    [InlineData(Advanced, "\"trade_id\":\"12\",", "")]
    [InlineData(Advanced, "\"trade_id\":\"12\"", "\"trade_id\":\"x\"")]
    [InlineData(Hyperliquid, "\"px\":\"61000.0\"", "\"px\":\"0\"")]
    [InlineData(Hyperliquid, "\"time\":1723161255342", "\"time\":\"noon\"")]
    public void Trade_with_something_missing_is_broken_for_its_venue_and_gives_no_trades(string message, string old, string changed)
    {
        byte[] json = Encoding.UTF8.GetBytes(message.Replace(old, changed, StringComparison.Ordinal));
        var trades = new List<Tick>();

        var broken = Assert.Single(
            new CaptureParsers(SymbolRule.Upper).ByMessage, venue => venue.Read(json, trades) == VenueMessage.Broken);

        Assert.NotEmpty(broken.Fault);
        Assert.Empty(trades);
    }
}
