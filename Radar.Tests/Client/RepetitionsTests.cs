using System.Globalization;
using Radar.Client;
using Radar.Client.Streaming;

namespace Radar.Tests.Client;

public sealed class RepetitionsTests
{
    private readonly Repetitions _repetitions = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_the_items_of_one_change_are_remembered(bool closedByTrade)
    {
        for (int change = 0; change < 1000; change++)
        {
            for (int i = 0; i < 5; i++)
                Assert.True(_repetitions.IsNew(Ticker($"{change}-{i}"), advances: i == 4 && !closedByTrade));
            if (closedByTrade)
                _repetitions.IsNew(new TradeEvent(new Trade(default, 1, 1, null, null, null)), advances: true);
            Assert.Equal(5, _repetitions.Count);
        }
    }

    [Fact]
    public void Memory_has_a_limit_whatever_the_API_does()
    {
        _repetitions.Interrupted();

        for (int i = 0; i < Repetitions.ItemsMax + 10; i++)
            Assert.True(_repetitions.IsNew(Ticker(i.ToString(CultureInfo.InvariantCulture)), advances: true));

        Assert.Equal(Repetitions.ItemsMax, _repetitions.Count);
    }

    private static TickerEvent Ticker(string symbol) => new(new Ticker(symbol, default, 1, 1, null, null, null));
}
