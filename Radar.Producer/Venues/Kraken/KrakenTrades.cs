using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Venues.Kraken;

/// <summary>
/// Kraken, WebSocket v1, channel <c>trade</c>; several trades in one message, the oldest first:
/// <code>
/// [993,[["354.04000000","0.28245396","1618678150.826417","s","m",""],["353.81",…]],"trade","XMR/USD"]
/// </code>
/// A trade is price, volume, Unix seconds, the taker's side (<c>b</c>, <c>s</c>), order type, and a text; v1 gives no ids. Messages of
/// WebSocket v2 are objects with a <c>channel</c> or a <c>method</c>, and are read as well.
/// </summary>
internal sealed partial class KrakenTrades : VenueTrades
{
    private const string Venue = "kraken";

    protected override VenueMessage ReadMessage(ref Utf8JsonReader reader, List<Tick> trades) => reader.TokenType switch
    {
        JsonTokenType.StartArray => ReadChannel(ref reader, trades),
        JsonTokenType.StartObject => ReadObject(ref reader, trades),
        _ => VenueMessage.Foreign,
    };

    private VenueMessage ReadChannel(ref Utf8JsonReader reader, List<Tick> trades)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.Read())
            return VenueMessage.Foreign;

        // The channel's name and the pair come after the trades; a book has one or two objects there.
        var content = reader;
        reader.Skip();
        reader.Read();
        while (reader.TokenType == JsonTokenType.StartObject)
        {
            reader.Skip();
            reader.Read();
        }

        if (reader.TokenType != JsonTokenType.String)
            return VenueMessage.Foreign;
        bool isTrade = reader.ValueTextEquals("trade"u8);
        bool isKnown = isTrade || IsChannel(reader.ValueSpan);
        reader.Read();
        string? symbol = reader.Symbol(Names);
        bool isPair = symbol is not null && symbol.Contains('/', StringComparison.Ordinal);
        bool isWhole = reader.Read() && reader.TokenType == JsonTokenType.EndArray;
        reader.ToEnd();
        if (!isKnown || !isPair || !isWhole)
            return VenueMessage.Foreign;
        if (!isTrade)
            return VenueMessage.NoTrade;
        return ReadTrades(ref content, symbol, trades);
    }

    private static bool IsChannel(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("ticker"u8) || name.SequenceEqual("spread"u8) || name.StartsWith("book-"u8) || name.StartsWith("ohlc-"u8)
            || name.SequenceEqual("book"u8) || name.SequenceEqual("ohlc"u8);

    private VenueMessage ReadTrades(ref Utf8JsonReader reader, string? symbol, List<Tick> trades)
    {
        var result = VenueMessage.NoTrade;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Fault = "trades that are no list";
            return VenueMessage.Broken;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray && result != VenueMessage.Broken)
        {
            reader.Read();
            decimal price = reader.Decimal();
            reader.Read();
            decimal size = reader.Decimal();
            reader.Read();
            long time = reader.Time();
            reader.Read();
            var side = reader.TokenType != JsonTokenType.String ? Side.Unknown
                : reader.ValueTextEquals("b"u8) ? Side.Buy
                : reader.ValueTextEquals("s"u8) ? Side.Sell : Side.Unknown;
            result = Add(trades, Venue, symbol, price, size, time, default, side);
            while (reader.TokenType != JsonTokenType.EndArray && reader.Read())
                reader.Skip();
        }

        return result;
    }
}
