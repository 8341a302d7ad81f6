using Radar.Api.Access;
using Radar.Market;

namespace Radar.Tests.Api.Access;

public sealed class SymbolPatternsTests
{
    [Theory]
    [InlineData("btc*", "BTCUSDT", true)]
    [InlineData("BTC*", "BTC", true)]
    [InlineData("BTC*", "WBTCUSDT", false)]
    [InlineData("*USDT", "BTCUSDT", true)]
    [InlineData("*USDT", "USDTBTC", false)]
    [InlineData("XBT*USD", "XBT/USD", true)]
    [InlineData("ABA*ABA", "ABA", false)] // the parts may not share letters
    [InlineData("ABA*ABA", "ABABA", false)]
    [InlineData("ABA*ABA", "ABAABA", true)]
    [InlineData("AAPL", "AAPL", true)]
    [InlineData("AAPL", "AAPLX", false)]
    [InlineData("*", "ANYTHING", true)]
    public void Pattern_is_of_these_symbols(string pattern, string symbol, bool allowed) =>
        Assert.Equal(allowed, SymbolPatterns.TryParse([pattern], SymbolRule.Upper, out _)!.Allow(symbol));

    [Theory]
    [InlineData("k*", "kPEPE", true)]
    [InlineData("k*", "KPEPE", false)]
    [InlineData("*pepe", "kpepe", true)]
    [InlineData("*pepe", "kPEPE", false)]
    [InlineData("BRKa", "BRKa", true)]
    [InlineData("BRKa", "BRKA", false)]
    public void Case_counts_in_patterns_where_it_counts_in_symbols(string pattern, string symbol, bool allowed) =>
        Assert.Equal(allowed, SymbolPatterns.TryParse([pattern], SymbolRule.Keep, out _)!.Allow(symbol));

    [Theory]
    [InlineData("")]
    [InlineData("B T*")]
    [InlineData("*A*")]
    [InlineData("?")]
    [InlineData(null)]
    public void What_is_no_pattern_is_named(string? text)
    {
        Assert.Null(SymbolPatterns.TryParse(["BTC*", text], SymbolRule.Upper, out string wrong));
        Assert.Equal(text ?? "null", wrong);
    }
}
