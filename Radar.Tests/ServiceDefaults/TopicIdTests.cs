using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class TopicIdTests
{
    /// <summary>An identity without an id matches every topic, and would be stored for good.</summary>
    [Theory]
    [InlineData(ErrorCode.Local_TimedOut, false)]
    [InlineData(ErrorCode.Local_Transport, false)]
    [InlineData(ErrorCode.UnknownTopicOrPart, false)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false)]
    [InlineData(ErrorCode.Local_UnsupportedFeature, true)]
    [InlineData(ErrorCode.UnsupportedVersion, true)]
    public void Only_a_broker_that_cannot_describe_topics_has_no_ids(ErrorCode error, bool noIds) =>
        Assert.Equal(noIds, TopicAdmin.HasNoIds(new KafkaException(error)));
}
