using System.Text.Json;
using Radar.Market;

namespace Radar.Producer.Venues.Protocol;

/// <summary>
/// Reads the messages of one venue's public WebSocket, from captures and from live connections alike. One instance per capture or
/// connection; not thread-safe.
/// </summary>
internal abstract class VenueTrades
{
    // More than any venue repeats after a subscription.
    private const int RecentMax = 1000;

    private readonly Dictionary<(string Symbol, string? Venue), RecentIds> _recent = [];

    /// <summary>Shares the strings of symbols.</summary>
    protected NameTable Names { get; private set; } = new();

    /// <summary>
    /// Whether <see cref="VenueMessage.Repeats"/> and <see cref="VenueMessage.OffBook"/> are returned, with their trades. Otherwise they
    /// are no trades.
    /// </summary>
    public bool ReportsAll { get; init; }

    /// <summary>What is wrong with the last broken message.</summary>
    public string Fault { get; protected set; } = "";

    /// <summary>Reads symbols by another rule than the one that upper-cases them; before the first message.</summary>
    public VenueTrades With(SymbolRule symbols)
    {
        Names = new NameTable(symbols);
        return this;
    }

    /// <summary>Reads one message and adds its trades to <paramref name="trades"/>, in the order in which they happened.</summary>
    /// <param name="json">One whole message, UTF-8.</param>
    /// <param name="trades">
    /// Only ever added to, trades of messages that were held included; nothing is added unless the result is
    /// <see cref="VenueMessage.Trades"/>, <see cref="VenueMessage.Repeats"/> or <see cref="VenueMessage.OffBook"/>.
    /// </param>
    public VenueMessage Read(ReadOnlySpan<byte> json, List<Tick> trades)
    {
        if (IsHeartbeat(json))
            return VenueMessage.NoTrade;
        int before = trades.Count;
        VenueMessage result;
        try
        {
            var reader = new Utf8JsonReader(json);
            result = reader.Read() ? ReadMessage(ref reader, trades) : VenueMessage.Foreign;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader throws InvalidOperationException for a member of another type.
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

    /// <summary>
    /// First id of a trade that stands for several of consecutive ids, of which its own is the last; its own id for any other.
    /// </summary>
    /// <param name="index">Which one it is of those that the last message added.</param>
    /// <param name="trade">The trade; its id is an integer.</param>
    public virtual long FirstId(int index, in Tick trade) => trade.TradeId.Number!.Value;

    /// <summary>Whether the message is a text beside JSON by which the venue shows that it is alive.</summary>
    protected virtual bool IsHeartbeat(ReadOnlySpan<byte> text) => false;

    /// <summary>Sets <see cref="Fault"/>.</summary>
    protected VenueMessage BrokenBecause(string fault)
    {
        Fault = fault;
        return VenueMessage.Broken;
    }

    /// <summary>Turns the trades from <paramref name="first"/> on round, and returns true, where the newest comes first.</summary>
    protected static bool InOrder(List<Tick> trades, int first)
    {
        bool isReversed = trades.Count > first + 1 && trades[first].TimestampMs > trades[^1].TimestampMs;
        if (isReversed)
            trades.Reverse(first, trades.Count - first);
        return isReversed;
    }

    /// <summary>
    /// Removes the trades from <paramref name="first"/> on that came before, of a venue that repeats them after a subscription without
    /// a mark. Live, the sequence of the source does that.
    /// </summary>
    protected void LeaveOutRepeats(List<Tick> trades, int first)
    {
        if (ReportsAll)
            return;
        for (int i = first; i < trades.Count;)
        {
            var key = (trades[i].Symbol, trades[i].Venue);
            if (!_recent.TryGetValue(key, out var recent))
                _recent.Add(key, recent = new RecentIds(RecentMax));
            if (recent.TryAdd(trades[i].TradeId))
                i++;
            else
                trades.RemoveAt(i);
        }
    }

    /// <summary>Result for a message whose trades are of <paramref name="kind"/>.</summary>
    protected VenueMessage ResultOf(VenueMessage result, VenueMessage kind) =>
        result != VenueMessage.Trades || kind == VenueMessage.Trades ? result : ReportsAll ? kind : VenueMessage.NoTrade;

    /// <summary>Reads the message at whose first token <paramref name="reader"/> stands, to its end.</summary>
    protected abstract VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades);

    /// <summary>Adds a complete trade; otherwise sets <see cref="Fault"/>.</summary>
    protected VenueMessage Add(
        List<Tick> trades, string venue, string? symbol, decimal price, decimal size, long timestampMs, TradeId id, Side side)
    {
        string? fault = symbol is null ? "no symbol"
            : price <= 0 ? "no price"
            : size < 0 ? "no size"
            : timestampMs < 0 ? "no time"
            : null;
        if (fault is not null)
            return BrokenBecause("a trade with " + fault);

        trades.Add(new Tick(symbol!, price, timestampMs, size, id, side, venue));
        return VenueMessage.Trades;
    }

    /// <summary>Adds a trade that was read whole.</summary>
    protected VenueMessage Add(List<Tick> trades, string venue, in TradeFields trade) => trade.Id.IsEmpty
        ? BrokenBecause("a trade with no id")
        : Add(trades, venue, trade.Symbol, trade.Price, trade.Size, trade.TimeMs, trade.Id, trade.Side);
}
