using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Binance;

/// <summary>Which of Binance's markets a connection is to, where messages do not show it.</summary>
internal enum BinanceMarket
{
    /// <summary>
    /// Spot or futures, whose trades carry different members; those of COIN-M are quoted in USD: <c>BTCUSD_PERP</c>.
    /// </summary>
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
/// Raw streams of spot have messages without <c>e</c>: best quotes (<c>u s b B a A</c>) and books (<c>lastUpdateId</c>).
/// Spot has a member <c>M</c>, futures have none; <see cref="BinanceShapes"/> distinguishes both from Binance's clones. <c>m</c> says that
/// the buyer was the maker, so the seller took. <c>X</c>, on futures, distinguishes trades of the order book (<c>MARKET</c>) from those of
/// the insurance fund and of forced deleveraging, which are left out.
/// </summary>
/// <remarks>
/// A capture may hold both streams of a symbol, and each of its trades then twice; <see cref="AggregateCover"/> counts it once.
/// </remarks>
internal sealed class BinanceTrades(BinanceMarket market = BinanceMarket.ByContent) : VenueTrades
{
    private readonly Dictionary<(string Symbol, string Venue), AggregateCover> _covers = [];
    private int _repeats;

    public override void End(List<Tick> trades)
    {
        foreach (var cover in _covers.Values)
            cover.End(trades);
    }

    public override int TakeRepeats()
    {
        int repeats = _repeats;
        _repeats = 0;
        return repeats;
    }

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        var trade = new Members { Price = -1, Size = -1, Time = -1, Id = -1, FirstId = -1, LastId = -1 };
        bool known = Read(ref reader, ref trade, 0);
        reader.ToEnd();
        if ((!known && trade.Kind == Kind.None) || trade.IsForeign)
            return VenueMessage.Foreign;
        if (trade.Kind == Kind.None || (trade.OffBook && !ReportsAll))
            return VenueMessage.NoTrade;
        bool isAggregate = trade.Kind == Kind.Aggregate;
        if (isAggregate && ReportsAll)
            return VenueMessage.NoTrade; // live, single trades are subscribed to, and the aggregates' ids are others
        if (trade.Symbol is null || trade.Id < 0 || (trade.BuyerIsMaker is null && !trade.OffBook)
            || (isAggregate && (trade.FirstId < 0 || trade.LastId < trade.FirstId)))
        {
            Fault = "a trade without one of s, t or a, f, l, m";
            return VenueMessage.Broken;
        }

        string venue = Venue(trade.Symbol, trade.IsSpot);
        if (trade.OffBook)
        {
            // It only takes its place in the numbering, and may have neither price nor size: "p":"0","q":"0","X":"NA".
            trades.Add(new Tick(trade.Symbol, Math.Max(trade.Price, 0), trade.Time, Math.Max(trade.Size, 0), new TradeId(trade.Id),
                Venue: venue));
            return VenueMessage.OffBook;
        }

        var side = trade.BuyerIsMaker == true ? Side.Sell : Side.Buy;
        if (Add(trades, venue, trade.Symbol, trade.Price, trade.Size, trade.Time, new TradeId(trade.Id), side) == VenueMessage.Broken)
            return VenueMessage.Broken;
        var tick = trades[^1];
        trades.RemoveAt(trades.Count - 1);
        if (!_covers.TryGetValue((trade.Symbol, venue), out var cover))
            _covers.Add((trade.Symbol, venue), cover = new AggregateCover());
        return isAggregate ? cover.Aggregate(tick, trade.FirstId, trade.LastId, trades) : ReadSingle(cover, tick, trades);
    }

    private VenueMessage ReadSingle(AggregateCover cover, in Tick tick, List<Tick> trades)
    {
        int before = trades.Count;
        bool isNew = cover.Single(tick, trades, out int repeats);
        _repeats += repeats;
        if (trades.Count == before)
            return VenueMessage.NoTrade;
        if (!isNew)
            _repeats++;
        return VenueMessage.Trades;
    }

    /// <summary>
    /// Reads one object and, in a combined stream, its <c>data</c>. True where it is an envelope or an event of Binance's.
    /// </summary>
    private bool Read(ref Utf8JsonReader reader, ref Members trade, int depth)
    {
        bool isStream = false, isOtherStream = false, known = false;
        int members = 0;
        ulong seen = 0;
        string? kind = null;
        while (reader.NextMember())
        {
            members++;
            if (reader.ValueTextEquals("stream"u8))
            {
                reader.ToValue();
                isStream = reader.TokenType == JsonTokenType.String && BinanceShapes.IsStream(reader.ValueSpan);
                isOtherStream = !isStream;
            }
            else if (depth == 0 && reader.ValueTextEquals("data"u8))
            {
                reader.ToValue();
                if (reader.TokenType == JsonTokenType.StartObject)
                    known = Read(ref reader, ref trade, 1);
                else
                    reader.Skip();
            }
            else if (reader.ValueTextEquals("e"u8))
            {
                reader.ToValue();
                kind = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (kind is "trade" or "aggTrade")
                    trade.Kind = kind == "trade" ? Kind.Single : Kind.Aggregate;
            }
            else
            {
                seen |= BinanceShapes.Bit(reader);
                if (kind is "trade" or "aggTrade")
                    ReadTradeMember(ref reader, ref trade);
                else
                    reader.SkipValue();
            }
        }

        if (kind is "trade" or "aggTrade")
            trade.IsForeign = market == BinanceMarket.ByContent && !BinanceShapes.IsTrade(seen, kind == "trade", trade.RawTime);
        else if (kind is not null)
            known |= BinanceShapes.IsEvent(kind, seen);
        else
            known |= BinanceShapes.IsWithoutEvent(seen, members);

        // The clones of Binance write other streams.
        trade.IsForeign |= isOtherStream;
        return (known || isStream) && !isOtherStream;
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
                trade.RawTime = reader.Integer();
                break;
            case (byte)'t' or (byte)'a':
                // Spot trades once carried a and b as order ids, after t.
                if (name == (trade.Kind == Kind.Single ? (byte)'t' : (byte)'a'))
                    trade.Id = reader.Integer();
                break;
            case (byte)'f':
                trade.FirstId = reader.Integer();
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

    private string Venue(string symbol, bool isSpot) => market switch
    {
        BinanceMarket.Spot => "binance",
        BinanceMarket.UsdFutures => "binance-usdm",
        BinanceMarket.Us => "binance-us",
        BinanceMarket.CoinFutures => "binance-coinm",
        _ => isSpot ? "binance" : symbol.Contains("USD_", StringComparison.Ordinal) ? "binance-coinm" : "binance-usdm",
    };

    private enum Kind : byte
    {
        None,
        Single,
        Aggregate,
    }

    private struct Members
    {
        public Kind Kind;
        public string? Symbol;
        public decimal Price;
        public decimal Size;
        public long Time;
        public long RawTime;
        public long Id;
        public long FirstId;
        public long LastId;
        public bool? BuyerIsMaker;
        public bool IsSpot;
        public bool OffBook;
        public bool IsForeign;
    }
}
