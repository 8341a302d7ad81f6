using System.Text;
using Radar.Market;

namespace Radar.Tests.Market;

/// <summary>What a symbol is, and that its bytes and its text are read alike.</summary>
public sealed class SymbolNameTests
{
    [Theory]
    [InlineData("btcusdt", "BTCUSDT")]
    [InlineData("BRK.B", "BRK.B")]
    [InlineData("xbt/usd:perp_1-2", "XBT/USD:PERP_1-2")]
    [InlineData("CL=F", "CL=F")]
    [InlineData("^gspc", "^GSPC")]
    [InlineData("m&m.ns", "M&M.NS")]
    [InlineData("c+", "C+")]
    [InlineData("es#", "ES#")]
    [InlineData("币安人生usdt", "币安人生USDT")]
    [InlineData("sčítání", "SČÍTÁNÍ")]
    [InlineData("газпром", "ГАЗПРОМ")]
    [InlineData("삼성전자", "삼성전자")]
    [InlineData("٣٤", "٣٤")]
    [InlineData("ßx", "ßX")]
    public void Symbol_is_upper_cased(string text, string expected) => Assert.Equal((true, expected), Both(text));

    [Theory]
    [InlineData("")]
    [InlineData("A B")]
    [InlineData("A,B")]
    [InlineData("A\"")]
    [InlineData("A\\u0041")]
    [InlineData("A%")]
    [InlineData("A?")]
    [InlineData("A*")]
    [InlineData("\u0000A")]
    [InlineData("A\u200B")] // zero-width space
    [InlineData("💥")]
    [InlineData("A…")]
    [InlineData("e\u0301")] // an accent beside its letter: é has a character of its own
    [InlineData("\u212B")] // the unit Ångström, which is written as the letter
    [InlineData("\u1112\u1161\u11AB")] // Hangul in parts
    [InlineData("\uF900")] // a compatibility ideograph
    public void Other_text_is_no_symbol(string text) => Assert.Equal((false, ""), Both(text));

    [Theory]
    [InlineData("A", 64, true)]
    [InlineData("A", 65, false)]
    [InlineData("é", 32, true)]
    [InlineData("é", 33, false)]
    [InlineData("币", 21, true)]
    [InlineData("币", 22, false)]
    [InlineData("\u0250", 21, true)] // two bytes, three in upper case
    [InlineData("\u0250", 22, false)]
    public void Length_is_counted_in_bytes_of_the_upper_case(string letter, int count, bool fits) =>
        Assert.Equal(fits, Both(string.Concat(Enumerable.Repeat(letter, count))).IsSymbol);

    [Fact]
    public void Text_that_is_no_Unicode_is_no_symbol()
    {
        Assert.False(SymbolRule.Upper.TryNormalize("A\uD83D", out _));
        Assert.False(SymbolRule.Upper.TryNormalize([(byte)'A', 0xC3], out _));
        Assert.False(SymbolRule.Upper.TryNormalize([0xC0, 0xAF], out _)); // an overlong slash
        Assert.False(SymbolRule.Upper.TryNormalize((string?)null, out _));
    }

    [Fact]
    public void Upper_case_of_every_letter_is_a_symbol_that_stays_as_it_is()
    {
        for (int codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (!Rune.IsValid(codePoint) || !SymbolRule.Upper.TryNormalize(new Rune(codePoint).ToString(), out string symbol))
                continue;
            Assert.True(SymbolRule.Upper.TryNormalize(symbol, out string again), $"U+{codePoint:X}");
            Assert.Equal(symbol, again);
        }
    }

    private static (bool IsSymbol, string Symbol) Both(string text)
    {
        bool isSymbol = SymbolRule.Upper.TryNormalize(text, out string symbol);
        Assert.Equal(isSymbol, SymbolRule.Upper.TryNormalize(Encoding.UTF8.GetBytes(text), out string ofBytes));
        Assert.Equal(symbol, ofBytes);
        Assert.Equal(isSymbol ? symbol : null, new NameTable().Symbol(Encoding.UTF8.GetBytes(text)));
        return (isSymbol, symbol);
    }
}
