using System.Text.Json;
using Radar.Market;

namespace Radar.Producer.Venues;

/// <summary>Which of Binance's markets a connection is to, where messages do not tell.</summary>
internal enum BinanceMarket
{
    /// <summary>Spot or USD-M futures: their trades carry different members.</summary>
    ByContent,

    /// <summary>Spot.</summary>
    Spot,

    /// <summary>USD-M futures.</summary>
    UsdFutures,

    /// <summary>Binance.US, spot.</summary>
    Us,

    /// <summary>COIN-M futures.</summary>
    CoinFutures,
}

/// <summary>
/// Binance, raw and combined streams:
/// <code>
/// {"stream":"btcusdt@trade","data":{"e":"trade","E":…,"s":"BTCUSDT","t":1,"p":"61837.63","q":"0.02","T":1723161255342,"m":true,"M":true}}
/// {"e":"aggTrade","E":…,"s":"BTCUSDT","a":1,"p":"…","q":"…","f":100,"l":105,"T":…,"m":true}
/// </code>
/// Spot has a member <c>M</c>, futures have none. <c>m</c> says that the buyer was the maker, so the seller took. <c>X</c>, on futures,
/// tells trades of the order book (<c>MARKET</c>) from those of the insurance fund and of forced deleveraging, which are left out.
/// </summary>
/// <remarks>
/// A capture may hold both streams of a symbol, and each of its trades then twice. Single trades win: from the first <c>trade</c> of a
/// symbol on, its <c>aggTrade</c>s are no new trades, and neither are trades up to the last one that an <c>aggTrade</c> before them
/// covered (<c>l</c>).
/// </remarks>
internal sealed class BinanceTrades(BinanceMarket market = BinanceMarket.ByContent) : VenueTrades
{
    private readonly Dictionary<(string Symbol, string Venue), Covered> _covered = [];

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        var trade = new Members { Price = -1, Size = -1, Time = -1, Id = -1, LastId = -1 };
        bool known = Read(ref reader, ref trade, 0);
        reader.ToEnd();
        if (!known && trade.Kind == Kind.None)
            return VenueMessage.Foreign;
        if (trade.Kind == Kind.None || (trade.OffBook && !TellsAll))
            return VenueMessage.NoTrade;
        if (trade.Symbol is null || trade.Id < 0 || trade.BuyerIsMaker is null || (trade.Kind == Kind.Aggregate && trade.LastId < 0))
        {
            Fault = "a trade without one of s, t or a, l, m";
            return VenueMessage.Broken;
        }

        string venue = Venue(trade.IsSpot);
        if (IsCounted(trade, venue))
            return VenueMessage.NoTrade;
        var side = trade.BuyerIsMaker.Value ? Side.Sell : Side.Buy;
        var result = Add(trades, venue, trade.Symbol, trade.Price, trade.Size, trade.Time, new TradeId(trade.Id), side);
        return Told(result, trade.OffBook ? VenueMessage.OffBook : VenueMessage.Trades);
    }

    /// <summary>Reads one object and, in a combined stream, its <c>data</c>. True where it is an envelope or an event of Binance's.</summary>
    private bool Read(ref Utf8JsonReader reader, ref Members trade, int depth)
    {
        bool known = false;
        bool isTrade = false;
        while (reader.NextMember())
        {
            if (reader.ValueTextEquals("stream"u8))
            {
                reader.SkipValue();
                known = true;
            }
            else if (depth == 0 && reader.ValueTextEquals("data"u8))
            {
                reader.ToValue();
                if (reader.TokenType == JsonTokenType.StartObject)
                    Read(ref reader, ref trade, 1);
                else
                    reader.Skip();
            }
            else if (reader.ValueTextEquals("e"u8))
            {
                reader.ToValue();
                known = reader.TokenType == JsonTokenType.String;
                isTrade = known && (reader.ValueTextEquals("trade"u8) || reader.ValueTextEquals("aggTrade"u8));
                if (isTrade)
                    trade.Kind = reader.ValueTextEquals("trade"u8) ? Kind.Single : Kind.Aggregate;
            }
            else if (isTrade)
            {
                ReadTradeMember(ref reader, ref trade);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return known;
    }

    private void ReadTradeMember(ref Utf8JsonReader reader, ref Members trade)
    {
        byte name = reader.ValueSpan.Length == 1 ? reader.ValueSpan[0] : (byte)0;
        reader.ToValue();
        switch (name)
        {
            case (byte)'s':
                trade.Symbol = reader.Symbol(Names);
                break;
            case (byte)'p':
                trade.Price = reader.Decimal();
                break;
            case (byte)'q':
                trade.Size = reader.Decimal();
                break;
            case (byte)'T':
                trade.Time = reader.Time();
                break;
            case (byte)'t' or (byte)'a':
                // Spot trades once carried a and b as order ids, after t.
                if (name == (trade.Kind == Kind.Single ? (byte)'t' : (byte)'a'))
                    trade.Id = reader.Integer();
                break;
            case (byte)'l':
                trade.LastId = reader.Integer();
                break;
            case (byte)'m':
                trade.BuyerIsMaker = reader.GetBoolean();
                break;
            case (byte)'M':
                trade.IsSpot = true;
                break;
            case (byte)'X':
                trade.OffBook = !reader.ValueTextEquals("MARKET"u8);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private bool IsCounted(in Members trade, string venue)
    {
        var covered = _covered.GetValueOrDefault((trade.Symbol!, venue), new Covered(false, -1));
        if (trade.Kind == Kind.Single)
        {
            if (!covered.BySingles)
                _covered[(trade.Symbol!, venue)] = covered with { BySingles = true };
            return trade.Id <= covered.UpTo;
        }

        if (covered.BySingles)
            return true;
        _covered[(trade.Symbol!, venue)] = covered with { UpTo = Math.Max(covered.UpTo, trade.LastId) };
        return false;
    }

    private string Venue(bool isSpot) => market switch
    {
        BinanceMarket.Spot => "binance",
        BinanceMarket.UsdFutures => "binance-usdm",
        BinanceMarket.Us => "binance-us",
        BinanceMarket.CoinFutures => "binance-coinm",
        _ => isSpot ? "binance" : "binance-usdm",
    };

    private enum Kind : byte
    {
        None,
        Single,
        Aggregate,
    }

    /// <summary>How the trades of a symbol are counted: singly, and by aggregates up to an id.</summary>
    private readonly record struct Covered(bool BySingles, long UpTo);

    private struct Members
    {
        public Kind Kind;
        public string? Symbol;
        public decimal Price;
        public decimal Size;
        public long Time;
        public long Id;
        public long LastId;
        public bool? BuyerIsMaker;
        public bool IsSpot;
        public bool OffBook;
    }
}
