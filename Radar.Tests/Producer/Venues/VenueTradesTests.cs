using System.Text;
using Radar.Market;
using Radar.Producer.Replay;
using Radar.Producer.Venues.Binance;
using Radar.Producer.Venues.Bitstamp;
using Radar.Producer.Venues.Coinbase;
using Radar.Producer.Venues.Kraken;
using Radar.Producer.Venues.Protocol;
using static Radar.Tests.Producer.Venues.VenueReading;

namespace Radar.Tests.Producer.Venues;

public sealed class VenueTradesTests
{
    private const string SpotTrade =
        """{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259"""
            + ""","p":"61837.63000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}""";

    private const string FuturesTrade =
        """{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"T":1723161256322,"s":"BTCUSDT","t":52"""
            + ""","p":"61800.30","q":"0.006","X":"MARKET","m":false}}""";

    private const string Match =
        """{"type":"match","trade_id":280232,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"985","price":"0.0000130"""
            + """5","product_id":"SKL-BTC","sequence":177100030,"time":"2021-04-17T16:43:37.089723Z"}""";

    private const string KrakenMessage =
        """[993,[["354.04000000","0.28245396","1618678150.826417","s","m",""]"""
            + """,["353.81000000","1.71754604","1618678150.827816","b","m",""]],"trade","XMR/USD"]""";

    private const string KrakenV2Message =
        """{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":0.5147,"qty":6423.46326"""
            + ""","ord_type":"limit","trade_id":4665846,"timestamp":"2023-09-25T07:48:36.925533Z"}"""
                + """,{"symbol":"BTC/USD","side":"buy","price":1.10,"qty":1e-8,"ord_type":"market","trade_id":4665847"""
                    + ""","timestamp":"2023-09-25T07:49:36.925603Z"}]}""";

    private const string BitstampTrade =
        """{"data":{"id":216000477,"timestamp":"1641343699","amount":0.0792,"amount_str":"0.07920000","price":3805.44"""
            + ""","price_str":"3805.44","type":0,"microtimestamp":"1641343699596000","buy_order_id":1,"sell_order_id":2}"""
                + ""","channel":"live_trades_ethusd","event":"trade"}""";

    [Fact]
    public void Binance_spot_trade_whose_buyer_is_the_maker_is_a_sale() =>
        Assert.Equal(
            new Tick("BTCUSDT", 61837.63m, 1723161255342, 0.02m, new TradeId(3735683259), Side.Sell, "binance"),
            Assert.Single(Read(new BinanceTrades(), SpotTrade)));

    [Fact]
    public void Binance_futures_trade_is_recognised_by_its_members() =>
        Assert.Equal(
            new Tick("BTCUSDT", 61800.3m, 1723161256322, 0.006m, new TradeId(52), Side.Buy, "binance-usdm"),
            Assert.Single(Read(new BinanceTrades(), FuturesTrade)));

    [Fact]
    public void Binance_raw_stream_needs_no_envelope() =>
        Assert.Equal(3735683259, Assert.Single(
            Read(new BinanceTrades(), SpotTrade[SpotTrade.IndexOf("{\"e\"", StringComparison.Ordinal)..^1])).TradeId.Number);

    [Theory]
    [InlineData("INSURANCE_FUND")]
    [InlineData("ADL")]
    [InlineData("NA")]
    public void Binance_trade_off_the_order_book_is_no_trade(string kind) =>
        Assert.Empty(Read(new BinanceTrades(), FuturesTrade.Replace("MARKET", kind, StringComparison.Ordinal), VenueMessage.NoTrade));

    [Theory]
    [InlineData("\"m\":false", "\"m\":true")]
    [InlineData("\"p\":\"61800.30\",\"q\":\"0.006\"", "\"p\":\"0\",\"q\":\"0\"")]
    [InlineData("\"p\":\"61800.30\",\"q\":\"0.006\",", "")]
    public void Binance_trade_off_the_order_book_has_its_id_where_all_is_asked_for_whatever_its_price(string old, string changed)
    {
        string json = FuturesTrade.Replace("MARKET", "NA", StringComparison.Ordinal).Replace(old, changed, StringComparison.Ordinal);

        var trade = Assert.Single(Read(new BinanceTrades(BinanceMarket.UsdFutures) { ReportsAll = true }, json, VenueMessage.OffBook));
        Assert.Equal(("BTCUSDT", 52), (trade.Symbol, trade.TradeId.Number));
    }

    [Fact]
    public void Coinbase_side_is_turned_from_the_maker_to_the_aggressor() =>
        Assert.Equal(
            new Tick("SKL-BTC", 0.00001305m, 1618677817089, 985, new TradeId(280232), Side.Buy, "coinbase"),
            Assert.Single(Read(new CoinbaseTrades(), Match)));

    [Theory]
    [InlineData("last_match")]
    [InlineData("ticker")]
    public void Coinbase_message_that_repeats_a_trade_is_no_trade(string type) =>
        Assert.Empty(Read(new CoinbaseTrades(), Match.Replace("\"match\"", $"\"{type}\"", StringComparison.Ordinal), VenueMessage.NoTrade));

    [Fact]
    public void Kraken_message_gives_all_its_trades_in_their_order() =>
        Assert.Equal(
            [
                new Tick("XMR/USD", 354.04m, 1618678150826, 0.28245396m, default, Side.Sell, "kraken"),
                new Tick("XMR/USD", 353.81m, 1618678150827, 1.71754604m, default, Side.Buy, "kraken"),
            ],
            Read(new KrakenTrades(), KrakenMessage));

    [Fact]
    public void Kraken_message_with_one_bad_trade_gives_none() =>
        Assert.Empty(Read(new KrakenTrades(), KrakenMessage.Replace("353.81000000", "NaN", StringComparison.Ordinal), VenueMessage.Broken));

    [Fact]
    public void Kraken_v2_message_gives_all_its_trades_in_their_order_with_exact_decimals() =>
        Assert.Equal(
            [
                new Tick("BTC/USD", 0.5147m, 1695628116925, 6423.46326m, new TradeId(4665846), Side.Sell, "kraken"),
                new Tick("BTC/USD", 1.1m, 1695628176925, 0.00000001m, new TradeId(4665847), Side.Buy, "kraken"),
            ],
            Read(new KrakenTrades(), KrakenV2Message));

    [Fact]
    public void Kraken_v2_snapshot_is_no_trade_unless_repeats_are_asked_for()
    {
        string snapshot = KrakenV2Message.Replace("\"update\"", "\"snapshot\"", StringComparison.Ordinal);

        Assert.Empty(Read(new KrakenTrades(), snapshot, VenueMessage.NoTrade));
        Assert.Equal(2, Read(new KrakenTrades { ReportsAll = true }, snapshot, VenueMessage.Repeats).Count);
        Assert.Equal(2, Read(new KrakenTrades { ReportsAll = true }, KrakenV2Message).Count);
    }

    [Theory]
    [InlineData("\"trade_id\":4665847,", "")]
    [InlineData("\"type\":\"update\",", "")]
    [InlineData("\"price\":1.10", "\"price\":-1")]
    [InlineData("\"data\":[", "\"data\":7,\"other\":[")]
    public void Kraken_v2_message_with_something_missing_gives_no_trade_and_reports_it(string old, string changed)
    {
        var venue = new KrakenTrades();

        Assert.Empty(Read(venue, KrakenV2Message.Replace(old, changed, StringComparison.Ordinal), VenueMessage.Broken));
        Assert.NotEmpty(venue.Fault);
    }

    [Fact]
    public void Kraken_v2_snapshot_is_foreign_to_coinbase() =>
        Assert.Empty(Read(new CoinbaseTrades(), KrakenV2Message.Replace("\"update\"", "\"snapshot\"", StringComparison.Ordinal),
            VenueMessage.Foreign));

    [Fact]
    public void Coinbase_last_match_is_reported_where_repeats_are_asked_for() =>
        Assert.Single(Read(
            new CoinbaseTrades { ReportsAll = true }, Match.Replace("\"match\"", "\"last_match\"", StringComparison.Ordinal),
            VenueMessage.Repeats));

    [Theory]
    [InlineData("""{"event":"heartbeat"}""")]
    [InlineData("""{"channel":"heartbeat"}""")]
    [InlineData("""{"channel":"status","type":"update","data":[{"system":"online"}]}""")]
    [InlineData("""{"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD"},"success":true}""")]
    [InlineData("""{"method":"pong","req_id":1}""")]
    [InlineData("""[1,{"a":[["1","2","3"]]},{"b":[["1","2","3"]]},"book-10","XBT/USD"]""")]
    [InlineData("""[1,["1","2","1618678150.8","3","4"],"spread","XBT/USD"]""")]
    public void Kraken_message_of_another_channel_is_no_trade(string json) =>
        Assert.Empty(Read(new KrakenTrades(), json, VenueMessage.NoTrade));

    [Fact]
    public void Bitstamp_trade_takes_its_symbol_from_the_channel_and_its_texts_as_numbers() =>
        Assert.Equal(
            new Tick("ETHUSD", 3805.44m, 1641343699596, 0.0792m, new TradeId(216000477), Side.Buy, "bitstamp"),
            Assert.Single(Read(new BitstampTrades(), BitstampTrade)));

    [Theory]
    [InlineData(SpotTrade)]
    [InlineData(Match)]
    [InlineData(KrakenMessage)]
    [InlineData(KrakenV2Message)]
    [InlineData(BitstampTrade)]
    public void Message_of_one_venue_is_foreign_to_the_others_and_broken_where_it_is_cut(string json)
    {
        AssertOfOneVenue(json);
        AssertCut(json, result => Assert.NotEqual(VenueMessage.Trades, result));
    }

    [Theory]
    [InlineData("\"p\":\"61837.63000000\"", "\"p\":\"0\"")]
    [InlineData("\"p\":\"61837.63000000\"", "\"p\":\"1e400\"")]
    [InlineData("\"q\":\"0.02000000\"", "\"q\":\"-1\"")]
    [InlineData("\"s\":\"BTCUSDT\",", "")]
    [InlineData("\"m\":true,", "")]
    [InlineData("\"m\":true,", "\"m\":\"true\",")]
    [InlineData("\"T\":1723161255342,", "")]
    [InlineData("\"t\":3735683259,", "")]
    public void Trade_that_lacks_something_is_broken_and_gives_the_reason(string old, string changed)
    {
        var venue = new BinanceTrades();

        Assert.Empty(Read(venue, SpotTrade.Replace(old, changed, StringComparison.Ordinal), VenueMessage.Broken));
        Assert.NotEmpty(venue.Fault);
    }

    [Theory]
    [InlineData("stream.binance.com", typeof(BinanceTrades))]
    [InlineData("ws-feed.pro.coinbase.com", typeof(CoinbaseTrades))]
    [InlineData("ws.kraken.com", typeof(KrakenTrades))]
    [InlineData("ws.bitstamp.net", typeof(BitstampTrades))]
    [InlineData("www.bitmex.com", null)]
    [InlineData("binance.com.example.org", null)]
    public void Host_identifies_the_venue(string host, Type? parser) =>
        Assert.Equal(parser, new CaptureParsers(SymbolRule.Upper).ForHost(host)?.GetType());
}
