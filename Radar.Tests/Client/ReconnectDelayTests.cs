using Radar.Client.Streaming;

namespace Radar.Tests.Client;

public sealed class ReconnectDelayTests
{
    private double _random = 1;

    [Fact]
    public void Waits_double_with_every_failure_up_to_the_longest()
    {
        var delay = Delay();

        Assert.Equal([500, 1000, 2000, 4000, 5000, 5000], Enumerable.Range(0, 6).Select(_ => delay.Next().TotalMilliseconds));
        _random = 0.25;
        Assert.Equal(1250, delay.Next().TotalMilliseconds);
        for (int i = 0; i < 100; i++)
            Assert.Equal(1250, delay.Next().TotalMilliseconds);
    }

    [Fact]
    public void Only_a_connection_that_held_makes_good_for_failures()
    {
        var delay = Delay();
        delay.Next();
        delay.Next();

        delay.Ended(TimeSpan.FromMilliseconds(4999));
        Assert.Equal(2000, delay.Next().TotalMilliseconds);
        delay.Ended(TimeSpan.FromMilliseconds(5000));
        Assert.Equal(500, delay.Next().TotalMilliseconds);
    }

    [Fact]
    public void What_the_API_asks_for_is_added_until_there_is_a_connection_and_has_a_limit()
    {
        var delay = Delay();
        delay.Ask(TimeSpan.FromSeconds(7));

        Assert.Equal(7500, delay.Next().TotalMilliseconds);
        Assert.Equal(8000, delay.Next().TotalMilliseconds);
        delay.Connected();
        Assert.Equal(2000, delay.Next().TotalMilliseconds);
        delay.Ask(TimeSpan.FromDays(1));
        _random = 0;
        Assert.Equal(ReconnectDelay.AskedMax, delay.Next());
        Assert.Equal(ReconnectDelay.AskedMax, delay.Announced(TimeSpan.FromDays(1)));
    }

    private ReconnectDelay Delay() => new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(5000), () => _random);
}
