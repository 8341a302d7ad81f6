using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Okx;

/// <summary>
/// OKX v5, channels <c>trades</c> and <c>trades-all</c> (https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-trades-channel):
/// <code>
/// {"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306",
///  "side":"buy","ts":"1630048897897","count":"3","source":"0","seqId":1234}]}
/// </code>
/// <c>side</c> is the taker's. In <c>trades</c> one entry holds the <c>count</c> trades of a taker at one price, and <c>tradeId</c> is the
/// last of them. Contracts have <c>sz</c> in contracts. The first message after a
/// subscription is the newest trade, unmarked.
/// </summary>
internal sealed class OkxTrades : VenueTrades
{
    /// <summary>Name in ticks; the symbol shows the market: BTC-USDT, BTC-USDT-SWAP.</summary>
    public const string Venue = "okx";

    private static readonly MemberNames Message = new(
        "arg", "data", "action", "event", "code", "msg", "connId", "channel", "connCount", "id", "instType", "instId", "eventType");

    private static readonly ulong Data = Message.Bits("arg", "data", "action", "eventType");
    private static readonly ulong Event = Message.Bits("arg", "event", "code", "msg", "connId", "channel", "connCount", "id");
    private static readonly ulong Both = Message.Bits("instType", "instId");

    private static readonly ulong Argument = Message.Bits("arg");
    private static readonly ulong EventName = Message.Bits("event");
    private static readonly ulong Code = Message.Bits("code");
    private static readonly ulong Content = Message.Bits("data");
    private static readonly ulong Channel = Message.Bits("channel");
    private static readonly ulong Origin = Message.Bits("arg", "code", "connId");

    private static readonly TradeShape Trade = new("instId", "px", "sz", "ts", "tradeId", "side", buy: "buy", sell: "sell", count: "count");

    private static readonly HashSet<string> Events = new(StringComparer.Ordinal)
    {
        "subscribe", "unsubscribe", "error", "notice", "channel-conn-count", "channel-conn-count-error",
    };

    private readonly List<long> _firstIds = [];

    public override long FirstId(int index, in Tick trade) => index < _firstIds.Count ? _firstIds[index] : base.FirstId(index, trade);

    protected override bool IsHeartbeat(ReadOnlySpan<byte> text) => text.SequenceEqual("pong"u8);

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades)
    {
        _firstIds.Clear();
        if (reader.TokenType != JsonTokenType.StartObject)
            return VenueMessage.Foreign;
        ulong seen = 0;
        string? channel = null, happened = null;
        bool isTextCode = true;
        Utf8JsonReader data = default;
        while (reader.NextMember())
        {
            ulong bit = Message.Bit(reader);
            seen |= bit;
            reader.ToValue();
            if (bit == Argument && reader.TokenType == JsonTokenType.StartObject)
            {
                channel = ReadChannel(reader);
            }
            else if (bit == EventName && reader.TokenType == JsonTokenType.String)
            {
                happened = reader.GetString();
            }
            else if (bit == Code)
            {
                isTextCode = reader.TokenType == JsonTokenType.String;
            }
            else if (bit == Content)
            {
                data = reader;
            }

            reader.Skip();
        }

        reader.ToEnd();
        if (happened is not null)
        {
            bool hasArgument = (seen & Argument) != 0;
            bool isEvent = Events.Contains(happened) && (seen & ~Event) == 0 && isTextCode && (channel is not null || !hasArgument);
            return isEvent && (seen & Origin) != 0 ? VenueMessage.NoTrade : VenueMessage.Foreign;
        }

        if (channel is null || (seen & ~Data) != 0 || data.TokenType != JsonTokenType.StartArray)
            return VenueMessage.Foreign;
        return channel == "trades" || (channel == "trades-all" && !ReportsAll) ? ReadTrades(ref data, trades) : VenueMessage.NoTrade;
    }

    /// <summary>Null where the argument is another venue's: Bitget names the type and the instrument.</summary>
    private static string? ReadChannel(Utf8JsonReader arg)
    {
        ulong seen = 0;
        string? channel = null;
        while (arg.NextMember())
        {
            ulong bit = Message.Bit(arg);
            seen |= bit;
            arg.ToValue();
            if (bit == Channel && arg.TokenType == JsonTokenType.String)
                channel = arg.GetString();
            arg.Skip();
        }

        return (seen & Both) == Both ? null : channel;
    }

    private VenueMessage ReadTrades(ref Utf8JsonReader data, List<Tick> trades)
    {
        int first = trades.Count;
        var result = VenueMessage.NoTrade;
        while (data.Read() && data.TokenType == JsonTokenType.StartObject && result is VenueMessage.NoTrade or VenueMessage.Trades)
            result = ReadTrade(ref data, trades);
        if (InOrder(trades, first))
            _firstIds.Reverse();
        LeaveOutRepeats(trades, first);
        return result == VenueMessage.Trades && trades.Count == first ? VenueMessage.NoTrade : result;
    }

    private VenueMessage ReadTrade(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (!Trade.TryRead(ref reader, Names, out var trade))
            return VenueMessage.Foreign; // BloFin has the same envelope
        if (trade.Id.Number is not { } id)
            return BrokenBecause("a trade with no tradeId");
        _firstIds.Add(id - Math.Max(trade.Count, 1) + 1);
        return Add(trades, Venue, trade);
    }
}
