using System.Text;
using Radar.Market;

namespace Radar.Tests.Market;

/// <summary>Symbols that are upper-cased, and symbols that stay as their source spells them.</summary>
public sealed class SymbolRuleTests
{
    [Theory]
    [InlineData("kPEPE", "KPEPE")]
    [InlineData("KPEPE", "KPEPE")]
    [InlineData("BTCusdt", "BTCUSDT")]
    [InlineData("BRKa", "BRKA")]
    [InlineData("aapl/usd", "AAPL/USD")]
    [InlineData("газПром", "ГАЗПРОМ")]
    [InlineData("ßx", "ßX")]
    [InlineData("币安人生usdt", "币安人生USDT")]
    public void Symbol_is_upper_cased_or_stays_as_it_is_spelled(string text, string upper)
    {
        Assert.Equal(upper, Read(SymbolRule.Upper, text));
        Assert.Equal(text, Read(SymbolRule.Keep, text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("k PEPE")]
    [InlineData("k,PEPE")]
    [InlineData("k*")]
    [InlineData("k\u0000")]
    [InlineData("e\u0301")] // an accent beside its letter
    [InlineData("\u1FBE")] // a lower-case letter that is written as iota
    public void What_is_no_symbol_is_none_where_case_counts(string text) => Assert.Null(Read(SymbolRule.Keep, text));

    [Fact]
    public void Length_is_counted_in_bytes_of_the_spelling()
    {
        string longest = string.Concat(Enumerable.Repeat("\u0250", 32)); // two bytes each, three in upper case

        Assert.Null(Read(SymbolRule.Upper, longest));
        Assert.Equal(longest, Read(SymbolRule.Keep, longest));
        Assert.Null(Read(SymbolRule.Keep, longest + "a"));
    }

    [Fact]
    public void Every_symbol_stays_the_same_when_it_is_read_again()
    {
        for (int codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (Rune.IsValid(codePoint) && SymbolRule.Keep.TryNormalize(new Rune(codePoint).ToString(), out string symbol))
                Assert.Equal(symbol, Read(SymbolRule.Keep, symbol));
        }
    }

    [Theory]
    [InlineData("kPEPE", "kPEPE", "kPEPE", "KPEPE")]
    [InlineData("KPEPE", "kPEPE", "key_mismatch", "KPEPE")]
    [InlineData("kpepe", "KPEPE", "key_mismatch", "KPEPE")]
    [InlineData("kPEPE", "OTHER", "key_mismatch", "key_mismatch")]
    public void Key_agrees_with_the_symbol_letter_by_letter_where_case_counts(string key, string symbol, string kept, string upper)
    {
        Assert.Equal(kept, Of(SymbolRule.Keep));
        Assert.Equal(upper, Of(SymbolRule.Upper));

        // The one that is written plainly, and one that the library reads.
        string Of(SymbolRule rule)
        {
            var found = new[] { "{", " {" }.Select(begin => TickRecord.TryRead(
                Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{begin}\"symbol\":\"{symbol}\",\"price\":1,\"timestamp\":1}}"),
                0, 1, 0, new NameTable(rule), out Tick tick) is not TickRefusal.None and var refusal ? refusal.Name() : tick.Symbol);
            return Assert.Single(found.Distinct());
        }
    }

    [Fact]
    public void Table_of_names_shares_the_string_of_each_spelling()
    {
        var names = new NameTable(SymbolRule.Keep);

        string first = names.Symbol("kPEPE"u8)!;
        Assert.Equal("KPEPE", names.Symbol("KPEPE"u8));
        Assert.Same(first, names.Symbol("kPEPE"u8));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("trades=1000 days=7,30,90,365,3650 future_s=300", false)]
    [InlineData("trades=1000 days=7,30,90,365,3650 future_s=300 prices=any case=keep", true)]
    public void State_records_whether_case_counts(string? settings, bool keepsCase)
    {
        Assert.Equal(keepsCase, SymbolRule.IsKeptBy(settings));
        Assert.True(SymbolRule.IsKeptBy(settings + SymbolRule.Keep.StateSuffix));
        Assert.Equal("", SymbolRule.Upper.StateSuffix);
    }

    private static string? Read(SymbolRule rule, string text)
    {
        bool isSymbol = rule.TryNormalize(text, out string symbol);
        Assert.Equal(isSymbol, rule.TryNormalize(Encoding.UTF8.GetBytes(text), out string ofBytes));
        Assert.Equal(symbol, ofBytes);
        Assert.Equal(isSymbol ? symbol : null, new NameTable(rule).Symbol(Encoding.UTF8.GetBytes(text)));
        return isSymbol ? symbol : null;
    }
}
