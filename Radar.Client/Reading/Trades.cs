using System.Text.Json.Serialization;

namespace Radar.Client;

/// <summary>The newest trade of a symbol, by event time.</summary>
/// <param name="Symbol">Upper case.</param>
/// <param name="Time">Event time, UTC, to the millisecond.</param>
/// <param name="Price">Exact, as the source gave it.</param>
/// <param name="Size">Exact; 0 where the source gives none.</param>
/// <param name="TradeId">The venue's own identity, an integer in digits; null where the source gives none.</param>
/// <param name="Side">The aggressor's; null where the source does not give it.</param>
/// <param name="Venue">Short name of the source, or null.</param>
public record Ticker(
    string Symbol,
    [property: JsonPropertyName("t")] DateTimeOffset Time,
    [property: JsonPropertyName("p")] decimal Price,
    [property: JsonPropertyName("s")] decimal Size,
    [property: JsonPropertyName("i"), JsonConverter(typeof(TradeIdConverter))] string? TradeId,
    TradeSide? Side,
    string? Venue);

/// <summary>The newest trade of a symbol, and how fresh that is.</summary>
/// <param name="Symbol">Upper case.</param>
/// <param name="Time">Event time, UTC, to the millisecond.</param>
/// <param name="Price">Exact, as the source gave it.</param>
/// <param name="Size">Exact; 0 where the source gives none.</param>
/// <param name="TradeId">The venue's own identity, an integer in digits; null where the source gives none.</param>
/// <param name="Side">The aggressor's; null where the source does not give it.</param>
/// <param name="Venue">Short name of the source, or null.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record TickerAnswer(
    string Symbol, DateTimeOffset Time, decimal Price, decimal Size, string? TradeId, TradeSide? Side, string? Venue, Meta Meta)
    : Ticker(Symbol, Time, Price, Size, TradeId, Side, Venue);

/// <summary>A trade. Two trades may be alike in everything: such are real, and both count.</summary>
/// <param name="Time">Event time, UTC, to the millisecond.</param>
/// <param name="Price">Exact, as the source gave it.</param>
/// <param name="Size">Exact; 0 where the source gives none.</param>
/// <param name="TradeId">The venue's own identity, an integer in digits; null where the source gives none.</param>
/// <param name="Side">The aggressor's; null where the source does not give it.</param>
/// <param name="Venue">Short name of the source, or null.</param>
public sealed record Trade(
    [property: JsonPropertyName("t")] DateTimeOffset Time,
    [property: JsonPropertyName("p")] decimal Price,
    [property: JsonPropertyName("s")] decimal Size,
    [property: JsonPropertyName("i"), JsonConverter(typeof(TradeIdConverter))] string? TradeId,
    TradeSide? Side,
    string? Venue)
{
    /// <summary>Upper case.</summary>
    public string Symbol { get; init; } = "";
}

/// <summary>Side of the order that took liquidity.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TradeSide>))]
public enum TradeSide
{
    /// <summary>The taker bought.</summary>
    [JsonStringEnumMemberName("buy")]
    Buy,

    /// <summary>The taker sold.</summary>
    [JsonStringEnumMemberName("sell")]
    Sell,
}
