using Confluent.Kafka;
using Radar.Consumer;

namespace Radar.Tests.Consumer;

public sealed class GroupTimesTests
{
    [Theory]
    [InlineData(null, 9_000, 1_000)]
    [InlineData(6_000, 6_000, 1_000)]
    [InlineData(2_400, 2_400, 800)]
    [InlineData(45_000, 45_000, 1_000)]
    public void Dead_consumer_is_replaced_within_ten_seconds_unless_its_settings_differ(int? set, int session, int heartbeat)
    {
        var config = new ConsumerConfig { SessionTimeoutMs = set };

        ConsumerService.Configure(config, "g", 1_000);

        Assert.Equal(
            (session, heartbeat, 5_000), (config.SessionTimeoutMs, config.HeartbeatIntervalMs, config.TopicMetadataRefreshIntervalMs));
        Assert.Null(config.GroupInstanceId);
    }

    [Fact]
    public void Settings_of_the_client_are_left_as_they_are()
    {
        var config = new ConsumerConfig { SessionTimeoutMs = 1_000, HeartbeatIntervalMs = 300, TopicMetadataRefreshIntervalMs = 500 };

        ConsumerService.Configure(config, "g", 1_000, "pod-3");

        Assert.Equal((1_000, 300, 500, "pod-3"), (
            config.SessionTimeoutMs, config.HeartbeatIntervalMs, config.TopicMetadataRefreshIntervalMs, config.GroupInstanceId));
    }
}
