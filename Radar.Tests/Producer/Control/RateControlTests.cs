using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Control;
using Radar.Producer.Synthetic;
using Radar.ServiceDefaults.Control;

namespace Radar.Tests.Producer.Control;

public sealed class RateControlTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Factor_holds_for_its_seconds_and_then_the_configured_rate_is_back()
    {
        var source = Source(rate: 50);

        var result = RateControl.Set(new RateRequest(Factor: 10, Seconds: 60), source);
        _time.Advance(TimeSpan.FromSeconds(59.9));
        double during = source.Rate.PerSecond;
        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal("500 ticks/s, for 60 s, then 50 ticks/s again.", result.Message);
        Assert.Equal((500, 50), (during, source.Rate.PerSecond));
    }

    [Fact]
    public void Rate_without_seconds_holds_until_factor_1_goes_back()
    {
        var source = Source(rate: 50);

        RateControl.Set(new RateRequest(Rate: 7), source);
        _time.Advance(TimeSpan.FromDays(1));
        double during = source.Rate.PerSecond;
        var result = RateControl.Set(new RateRequest(Factor: 1), source);

        Assert.Equal((7, 50), (during, source.Rate.PerSecond));
        Assert.Equal("50 ticks/s, as configured.", result.Message);
    }

    [Fact]
    public async Task Source_that_waits_at_a_slow_rate_goes_on_at_the_new_one()
    {
        var source = Source(rate: 0.001);
        var ticks = new Tick[100];
        Assert.Equal(1, await source.ReadAsync(ticks, CancellationToken.None)); // the first is due at once
        var waiting = source.ReadAsync(ticks, CancellationToken.None).AsTask();

        RateControl.Set(new RateRequest(Rate: 1000), source);
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(1, await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(20, await source.ReadAsync(ticks, CancellationToken.None));
    }

    [Fact]
    public async Task Rate_0_is_as_fast_as_possible()
    {
        var source = Source(rate: 1);

        RateControl.Set(new RateRequest(Rate: 0), source);

        Assert.Equal(512, await source.ReadAsync(new Tick[512], CancellationToken.None));
        Assert.Equal(512, await source.ReadAsync(new Tick[512], CancellationToken.None));
    }

    [Theory]
    [InlineData(null, null, null, "missing")]
    [InlineData(1.0, 1.0, null, "both given")]
    [InlineData(-1.0, null, null, "rate -1")]
    [InlineData(100_000_001.0, null, null, "rate 100000001")]
    [InlineData(null, 0.0, null, "factor 0")]
    [InlineData(null, 3_000_000.0, null, "factor 3000000")]
    [InlineData(1.0, null, -1.0, "seconds -1")]
    [InlineData(1.0, null, 86_401.0, "seconds 86401")]
    public void Number_out_of_range_is_named_and_changes_nothing(double? rate, double? factor, double? seconds, string named)
    {
        var source = Source(rate: 50);

        var error = Assert.Throws<ControlException>(() => RateControl.Set(new RateRequest(rate, factor, seconds), source));

        Assert.Equal(400, error.Status);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(50, source.Rate.PerSecond);
    }

    [Fact]
    public void As_fast_as_possible_has_no_multiple()
    {
        var error = Assert.Throws<ControlException>(() => RateControl.Set(new RateRequest(Factor: 10), Source(rate: 0)));

        Assert.Equal(409, error.Status);
    }

    [Fact]
    public void Other_sources_refuse_with_what_they_are()
    {
        var none = Assert.Throws<ControlException>(() => RateControl.Set(new RateRequest(Rate: 1), new NoTickSource()));
        var topic = Assert.Throws<ControlException>(() => RateControl.Set(new RateRequest(Rate: 1), null));

        Assert.Contains("only the synthetic source has a rate", none.Message, StringComparison.Ordinal);
        Assert.Contains("another topic", topic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_at_its_end_refuses()
    {
        var source = Source(rate: 0, count: 3);
        await source.ReadAsync(new Tick[10], CancellationToken.None);

        var error = Assert.Throws<ControlException>(() => RateControl.Set(new RateRequest(Rate: 1), source));

        Assert.Contains("has ended", error.Message, StringComparison.Ordinal);
    }

    private SyntheticTickSource Source(double rate, long count = 0)
    {
        var options = new ProducerOptions();
        (options.Synthetic.Rate, options.Synthetic.Count) = (rate, count);
        var source = new SyntheticTickSource(Options.Create(options), _time, NullLogger<SyntheticTickSource>.Instance);
        source.Open();
        return source;
    }
}
