using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Api.Freshness;
using Radar.Api.Http.OpenApi;

namespace Radar.Tests.Api.Freshness;

public sealed class LagStatusTests
{
    private const int StaleAfterMs = 10_000;

    private readonly LagStatus _status = new(Options.Create(new ApiOptions { StaleAfterMs = StaleAfterMs }));
    private long _takenMs = 1_000_000;

    [Fact]
    public void Lag_around_its_limit_does_not_flap()
    {
        Assert.False(Take(9.9));
        Assert.True(Take(10.1));
        Assert.True(Take(9.9));
        Assert.True(Take(10.1));
        Assert.All(Enumerable.Range(0, 20), _ => Assert.True(Take(8.1))); // under the limit, and not well under it

        Assert.True(Take(7.9));
        Assert.True(Take(7.9));
        Assert.True(Take(8.1)); // starts over
        Assert.True(Take(0));
        Assert.True(Take(0));
        Assert.False(Take(0));
        Assert.False(Take(9.9));
    }

    [Fact]
    public void Measurement_that_is_asked_for_often_counts_once()
    {
        Take(11);
        _takenMs++;
        for (int i = 0; i < 10; i++)
            Assert.True(_status.Take(Sample(0)).IsBehind);
    }

    [Fact]
    public void First_measurement_decides_and_one_that_was_lost_is_made_good_by_three()
    {
        Assert.True(_status.Take(null).IsBehind);
        Assert.False(Take(0)); // at the start there is nothing to return to

        Assert.True(_status.Take(null).IsBehind);
        Assert.True(Take(0));
        Assert.True(Take(0));
        Assert.False(Take(0));
    }

    [Fact]
    public void Report_has_lag_limit_and_the_worst_partition()
    {
        var sample = new LagSample(_takenMs, [Behind(0, 434, 2), Behind(1, 0, 0), Behind(2, 1, 25.06), Behind(3, 800, 25.06)]);

        var report = LagHealthCheck.Describe(sample, _status.Take(sample), StaleAfterMs);

        Assert.Equal(
            (HealthStatus.Degraded,
                "1235 messages, 25.1 s behind, worst is partition 3 (800 messages, 25.1 s); the limit is 10 s (Api:StaleAfterMs)."),
            (report.Status, report.Description));
        Assert.Equal((1235L, 25.06, 10.0, 3, 800L, 25.06), (
            report.Data["messages"], report.Data["seconds"], report.Data["limit_seconds"], report.Data["worst_partition"],
            report.Data["worst_messages"],
            report.Data["worst_seconds"]));

        var returning = Sample(0);
        report = LagHealthCheck.Describe(returning, new LagVerdict(IsBehind: true, GoodSamples: 1), StaleAfterMs);
        Assert.Equal(
            "0 messages, 0 s behind; the limit is 10 s (Api:StaleAfterMs), and it was exceeded or unknown: healthy after 3 measurements "
                + "in a row under 8 s, 1 so far.",
            report.Description);
        report = LagHealthCheck.Describe(returning, new LagVerdict(IsBehind: false, GoodSamples: 3), StaleAfterMs);
        Assert.Equal((HealthStatus.Healthy, "0 messages, 0 s behind; the limit is 10 s (Api:StaleAfterMs)."),
            (report.Status, report.Description));
    }

    private bool Take(double seconds)
    {
        _takenMs++;
        return _status.Take(Sample(seconds)).IsBehind;
    }

    private LagSample Sample(double seconds) => new(_takenMs, [Behind(0, seconds > 0 ? 5 : 0, seconds)]);

    private static LagSample.Partition Behind(int number, long messages, double seconds) =>
        new(number, 0, messages, messages, seconds, 0, 0, 0, Foreign: false, Stored: true);
}
