using System.Text.Json;

namespace Radar.Producer.Venues.Binance;

/// <summary>
/// Which members Binance's messages have. Other venues write the same <c>e</c> and <c>stream</c> (Backpack, Aster, MEXC), so that one name
/// shows nothing.
/// </summary>
internal static class BinanceShapes
{
    private const int Result = 52, Id = 53, LastUpdateId = 54, Bids = 55;

    // Futures count milliseconds, also where spot counts microseconds.
    private const long MsMin = 1_000_000_000_000;
    private const long MsMax = 10_000_000_000_000;

    private static readonly ulong Quote = Letters("usbBaA");
    private static readonly ulong Reply = (1UL << Result) | (1UL << Id);
    private static readonly ulong Book = (1UL << LastUpdateId) | (1UL << Bids);

    /// <summary>Events beside trades, each with members that it has beside <c>e</c>.</summary>
    private static readonly Dictionary<string, ulong> Events = new(StringComparer.Ordinal)
    {
        ["depthUpdate"] = Letters("EsUuba"),
        ["kline"] = Letters("Esk"),
        ["continuous_kline"] = Letters("Ek"),
        ["indexPrice_kline"] = Letters("Ek"),
        ["markPrice_kline"] = Letters("Ek"),
        ["24hrTicker"] = Letters("Espchl"),
        ["24hrMiniTicker"] = Letters("Escohl"),
        ["1hTicker"] = Letters("Escohl"),
        ["4hTicker"] = Letters("Escohl"),
        ["1dTicker"] = Letters("Escohl"),
        ["bookTicker"] = Letters("EusbBaA"),
        ["avgPrice"] = Letters("Esiw"),
        ["markPriceUpdate"] = Letters("Esp"),
        ["indexPriceUpdate"] = Letters("Eip"),
        ["forceOrder"] = Letters("Eo"),
        ["compositeIndex"] = Letters("Esp"),
        ["contractInfo"] = Letters("Es"),
        ["assetIndexUpdate"] = Letters("Esi"),
        ["serverShutdown"] = Letters("E"),
    };

    /// <summary>The bit of the name at which <paramref name="reader"/> stands; 0 for one that distinguishes nothing.</summary>
    public static ulong Bit(in Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        if (name.Length == 1)
            return Letter((char)name[0]);
        return reader.ValueTextEquals("result"u8) ? 1UL << Result
            : reader.ValueTextEquals("id"u8) ? 1UL << Id
            : reader.ValueTextEquals("lastUpdateId"u8) ? 1UL << LastUpdateId
            : reader.ValueTextEquals("bids"u8) ? 1UL << Bids
            : 0;
    }

    /// <summary><c>btcusdt@trade</c>, <c>!miniTicker@arr</c>; Backpack writes <c>trade.SOL_USDC</c>.</summary>
    public static bool IsStream(ReadOnlySpan<byte> name) => name.Contains((byte)'@') || name is [(byte)'!', ..];

    /// <summary>
    /// Spot's trades have <c>M</c>, futures' single ones have <c>X</c>, and futures' aggregates the ids of their trades and milliseconds.
    /// </summary>
    public static bool IsTrade(ulong seen, bool isSingle, long time) =>
        Has(seen, Letter('M')) || (isSingle ? Has(seen, Letter('X')) : Has(seen, Letters("afl")) && time is > MsMin and < MsMax);

    /// <summary>Whether an event has what Binance's event of that kind has.</summary>
    public static bool IsEvent(string kind, ulong seen) => Events.TryGetValue(kind, out ulong required) && Has(seen, required);

    /// <summary>Best quotes and books of raw spot streams, and replies, which have two members; other venues' replies have more.</summary>
    public static bool IsWithoutEvent(ulong seen, int members) =>
        Has(seen, Quote) || Has(seen, Book) || (seen == Reply && members == 2);

    private static bool Has(ulong seen, ulong required) => (seen & required) == required;

    private static ulong Letters(string letters) => letters.Aggregate(0UL, (bits, letter) => bits | Letter(letter));

    private static ulong Letter(char letter) => letter switch
    {
        >= 'a' and <= 'z' => 1UL << (letter - 'a'),
        >= 'A' and <= 'Z' => 1UL << (letter - 'A' + 26),
        _ => 0,
    };
}
