using System.Text;
using System.Text.Json;
using Radar.Market;

namespace Radar.Producer.Venues.Protocol;

/// <summary>The members of a venue's trade, where each trade is one object with all of them.</summary>
internal sealed class TradeShape
{
    private const int Whole = 0b11_1111;

    private readonly byte[][] _names;
    private readonly byte[] _buy;
    private readonly byte[] _sell;

    /// <param name="symbol">Name of the member with the symbol, and so on.</param>
    /// <param name="price">A decimal.</param>
    /// <param name="size">A decimal.</param>
    /// <param name="time">In ISO 8601 or Unix time.</param>
    /// <param name="id">An integer or a text.</param>
    /// <param name="side">One of <paramref name="buy"/> and <paramref name="sell"/>; another text is no side.</param>
    /// <param name="buy">That the taker bought.</param>
    /// <param name="sell">That the taker sold.</param>
    /// <param name="count">How many trades the entry stands for; a trade need not have it.</param>
    public TradeShape(
        string symbol, string price, string size, string time, string id, string side, string buy, string sell, string count = "")
    {
        _names = Array.ConvertAll([symbol, price, size, time, id, side, count], Encoding.UTF8.GetBytes);
        (_buy, _sell) = (Encoding.UTF8.GetBytes(buy), Encoding.UTF8.GetBytes(sell));
        Names = string.Join(", ", symbol, price, size, time, id, side);
    }

    /// <summary>The names for people: <c>instId, px, sz, ts, tradeId, side</c>.</summary>
    public string Names { get; }

    /// <summary>Reads the object at whose start <paramref name="reader"/> stands, to its end. False where a member is not there.</summary>
    public bool TryRead(ref Utf8JsonReader reader, NameTable names, out TradeFields trade)
    {
        trade = new TradeFields { Price = JsonMembers.NoDecimal, Size = JsonMembers.NoDecimal, TimeMs = -1, Count = 1 };
        int seen = 0;
        while (reader.NextMember())
        {
            int at = IndexOf(reader);
            seen |= at < 0 ? 0 : 1 << at;
            reader.ToValue();
            switch (at)
            {
                case 0:
                    trade.Symbol = reader.Symbol(names);
                    break;
                case 1:
                    trade.Price = reader.Decimal();
                    break;
                case 2:
                    trade.Size = reader.Decimal();
                    break;
                case 3:
                    trade.TimeMs = reader.Time();
                    break;
                case 4:
                    trade.Id = reader.Id();
                    break;
                case 5:
                    trade.Side = SideOf(reader);
                    break;
                case 6:
                    trade.Count = reader.Integer();
                    break;
                default:
                    break;
            }

            reader.Skip();
        }

        return (seen & Whole) == Whole;
    }

    private int IndexOf(in Utf8JsonReader reader)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (reader.ValueTextEquals(_names[i]))
                return i;
        }

        return -1;
    }

    private Side SideOf(in Utf8JsonReader reader) => reader.TokenType != JsonTokenType.String ? Side.Unknown
        : reader.ValueTextEquals(_buy) ? Side.Buy
        : reader.ValueTextEquals(_sell) ? Side.Sell
        : Side.Unknown;
}

/// <summary>What a trade's object holds. A wrong value is null, negative or empty.</summary>
internal struct TradeFields
{
    public string? Symbol;
    public decimal Price;
    public decimal Size;
    public long TimeMs;
    public TradeId Id;
    public Side Side;
    public long Count;
}
