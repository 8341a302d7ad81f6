using System.Text.Json.Serialization;

namespace Radar.Client;

/// <summary>
/// Trades of a timeframe in one: from the open time on, up to but without the next one, in UTC. A late trade corrects its bar; whoever
/// keeps bars replaces the one with the same symbol, timeframe and open time.
/// </summary>
/// <param name="OpenTime">UTC.</param>
/// <param name="Open">First price by event time.</param>
/// <param name="High">Highest price.</param>
/// <param name="Low">Lowest price.</param>
/// <param name="Close">Last price by event time.</param>
/// <param name="Volume">Sum of the sizes.</param>
/// <param name="Trades">Number of trades, at least 1: a time without trades has no bar.</param>
/// <param name="Vwap">Price weighted by size; null where all sizes are 0.</param>
public sealed record Bar(
    [property: JsonPropertyName("t")] DateTimeOffset OpenTime,
    [property: JsonPropertyName("o")] decimal Open,
    [property: JsonPropertyName("h")] decimal High,
    [property: JsonPropertyName("l")] decimal Low,
    [property: JsonPropertyName("c")] decimal Close,
    [property: JsonPropertyName("v")] decimal Volume,
    [property: JsonPropertyName("n")] long Trades,
    [property: JsonPropertyName("vw")] decimal? Vwap)
{
    /// <summary>Upper case.</summary>
    public string Symbol { get; init; } = "";

    /// <summary>Length.</summary>
    public Timeframe Timeframe { get; init; }
}

/// <summary>Length of a bar.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Timeframe>))]
public enum Timeframe
{
    /// <summary><c>1Min</c></summary>
    [JsonStringEnumMemberName("1Min")]
    Minute,

    /// <summary><c>5Min</c></summary>
    [JsonStringEnumMemberName("5Min")]
    FiveMinutes,

    /// <summary><c>15Min</c></summary>
    [JsonStringEnumMemberName("15Min")]
    FifteenMinutes,

    /// <summary><c>1Hour</c></summary>
    [JsonStringEnumMemberName("1Hour")]
    Hour,

    /// <summary><c>1Day</c></summary>
    [JsonStringEnumMemberName("1Day")]
    Day,

    /// <summary><c>3Min</c>; read, not streamed.</summary>
    [JsonStringEnumMemberName("3Min")]
    ThreeMinutes,

    /// <summary><c>30Min</c>; read, not streamed.</summary>
    [JsonStringEnumMemberName("30Min")]
    ThirtyMinutes,

    /// <summary><c>2Hour</c>; read, not streamed.</summary>
    [JsonStringEnumMemberName("2Hour")]
    TwoHours,

    /// <summary><c>4Hour</c>; read, not streamed.</summary>
    [JsonStringEnumMemberName("4Hour")]
    FourHours,

    /// <summary><c>1Week</c>, from Monday on; read, not streamed.</summary>
    [JsonStringEnumMemberName("1Week")]
    Week,

    /// <summary><c>1Month</c>, of the calendar; read, not streamed.</summary>
    [JsonStringEnumMemberName("1Month")]
    Month,
}

internal static class Timeframes
{
    /// <summary>Names in requests, by value.</summary>
    private static readonly string[] Names =
        ["1Min", "5Min", "15Min", "1Hour", "1Day", "3Min", "30Min", "2Hour", "4Hour", "1Week", "1Month"];

    /// <exception cref="ArgumentOutOfRangeException">It is no timeframe.</exception>
    public static string NameOf(Timeframe timeframe) => (uint)timeframe < (uint)Names.Length
        ? Names[(int)timeframe]
        : throw new ArgumentOutOfRangeException(nameof(timeframe), timeframe, "There is no such timeframe.");

    /// <summary>Whether the API streams bars of this length.</summary>
    public static bool IsStreamed(Timeframe timeframe) => timeframe <= Timeframe.Day;
}
