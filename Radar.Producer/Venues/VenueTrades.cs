using System.Text.Json;
using Radar.Market;

namespace Radar.Producer.Venues;

/// <summary>What a venue's message turned out to be.</summary>
internal enum VenueMessage
{
    /// <summary>Not of this venue, as far as can be told.</summary>
    Foreign,

    /// <summary>Of this venue, and no new trade.</summary>
    NoTrade,

    /// <summary>One or more trades.</summary>
    Trades,

    /// <summary>
    /// Trades that happened before the subscription, told again. Only where <see cref="VenueTrades.TellsAll"/>; of use to a reader that
    /// knows by their ids which ones it has.
    /// </summary>
    Repeats,

    /// <summary>
    /// Trades that did not happen in the order book and only take their place in the numbering. Only where
    /// <see cref="VenueTrades.TellsAll"/>.
    /// </summary>
    OffBook,

    /// <summary>Not known yet to be a new trade; a later message or <see cref="VenueTrades.End"/> adds it, or it was none.</summary>
    Held,

    /// <summary>Cut off or not as the venue writes it; <see cref="VenueTrades.Fault"/> says what.</summary>
    Broken,
}

/// <summary>
/// Reads the messages of one venue's public WebSocket, from captures and from live connections alike. One instance per capture or
/// connection; not thread-safe.
/// </summary>
internal abstract class VenueTrades
{
    /// <summary>Shares the strings of symbols.</summary>
    protected NameTable Names { get; } = new();

    /// <summary>
    /// Whether <see cref="VenueMessage.Repeats"/> and <see cref="VenueMessage.OffBook"/> are told, with their trades. Otherwise they are
    /// no trades.
    /// </summary>
    public bool TellsAll { get; init; }

    /// <summary>What is wrong with the last broken message.</summary>
    public string Fault { get; protected set; } = "";

    /// <summary>Reads one message and adds its trades to <paramref name="trades"/>, in the order in which they happened.</summary>
    /// <param name="json">One whole message, UTF-8.</param>
    /// <param name="trades">
    /// Only ever added to, trades of messages that were held included; nothing is added unless the result is <see cref="VenueMessage.Trades"/>, <see cref="VenueMessage.Repeats"/>
    /// or <see cref="VenueMessage.OffBook"/>.
    /// </param>
    public VenueMessage Read(ReadOnlySpan<byte> json, List<Tick> trades)
    {
        int before = trades.Count;
        VenueMessage result;
        try
        {
            var reader = new Utf8JsonReader(json);
            result = reader.Read() ? ReadMessage(ref reader, trades) : VenueMessage.Foreign;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is what Utf8JsonReader says of a member that is not of the type asked for.
            Fault = e is JsonException ? "not JSON, or cut off" : "a member is not of its type";
            result = VenueMessage.Broken;
        }

        if (result is not (VenueMessage.Trades or VenueMessage.Repeats or VenueMessage.OffBook))
            trades.RemoveRange(before, trades.Count - before);
        return result;
    }

    /// <summary>There are no more messages: adds trades that waited for what would follow them.</summary>
    public virtual void End(List<Tick> trades)
    {
    }

    /// <summary>Number of <see cref="VenueMessage.Held"/> messages that turned out to be no trades, since the last call.</summary>
    public virtual int TakeRepeats() => 0;

    /// <summary>What a message with trades is, of which <paramref name="kind"/> tells what kind of trades they are.</summary>
    protected VenueMessage Told(VenueMessage result, VenueMessage kind) =>
        result != VenueMessage.Trades || kind == VenueMessage.Trades ? result : TellsAll ? kind : VenueMessage.NoTrade;

    /// <summary>Reads the message at whose first token <paramref name="reader"/> stands, to its end.</summary>
    protected abstract VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades);

    /// <summary>Adds a trade that has all it needs; says what it lacks otherwise.</summary>
    protected VenueMessage Add(
        List<Tick> trades, string venue, string? symbol, decimal price, decimal size, long timestampMs, TradeId id, Side side)
    {
        string? fault = symbol is null ? "no symbol"
            : price <= 0 ? "no price"
            : size < 0 ? "no size"
            : timestampMs < 0 ? "no time"
            : null;
        if (fault is not null)
        {
            Fault = "a trade with " + fault;
            return VenueMessage.Broken;
        }

        trades.Add(new Tick(symbol!, price, timestampMs, size, id, side, venue));
        return VenueMessage.Trades;
    }
}
