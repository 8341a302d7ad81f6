using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Consumer.Partitions;
using Radar.Market;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer.Partitions;

public sealed class OldEventsTests
{
    private const long Now = 1709251200000; // 2024-03-01

    [Theory]
    [InlineData(1709251200, "seconds")]
    [InlineData(28487520, "minutes")]
    [InlineData(19783, "days")]
    [InlineData(1381123800000, null)] // October 2013
    public void Old_event_shows_which_unit_it_probably_counts(long eventMs, string? unit)
    {
        Assert.True(OldEvents.IsOld(eventMs, Now));
        Assert.Equal(unit, OldEvents.LikelyUnit(eventMs, Now));
    }

    [Theory]
    [InlineData(Now, Now)]
    [InlineData(1409251200000, Now)] // less than ten years
    [InlineData(5, 0)] // a record without a time
    [InlineData(5, -1)]
    public void Event_of_its_time_is_not_old(long eventMs, long recordMs) => Assert.False(OldEvents.IsOld(eventMs, recordMs));

    [Fact]
    public void First_old_event_is_logged_with_the_unit_and_no_other()
    {
        var lines = new LinesLogger<FaultLog>();
        var log = new FaultLog(Options.Create(new KafkaOptions()), new FakeTimeProvider(), lines);

        log.OldEvent("BTCUSDT", 3, 17, 1709251200, Now);
        log.OldEvent("ETHUSDT", 4, 18, 1709251200, Now);

        string line = Assert.Single(lines.Lines);
        Assert.Contains("BTCUSDT, partition 3 offset 17", line, StringComparison.Ordinal);
        Assert.Contains("1970-01-20T18:47:31.200Z", line, StringComparison.Ordinal);
        Assert.Contains("Unix seconds", line, StringComparison.Ordinal);
    }
}
