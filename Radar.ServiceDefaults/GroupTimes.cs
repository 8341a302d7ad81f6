using Confluent.Kafka;

namespace Radar.ServiceDefaults;

/// <summary>How soon a client notices what changes in its group and in its topic. What <c>Kafka:Client</c> sets is left as it is.</summary>
public static class GroupTimes
{
    /// <summary>
    /// How often a client asks which partitions its topics have; librdkafka's default is 5 min. The request names these topics only.
    /// </summary>
    public const int MetadataRefreshMs = 5_000;

    private const int SessionTimeoutMs = 9_000;
    private const int HeartbeatIntervalMs = 1_000;

    /// <summary>
    /// The partitions of a consumer that was killed are another's within 10 s, where librdkafka's default takes 45 s: the group removes it
    /// after the session timeout, and the others learn of it with their next heartbeat. A session that is set shorter has three heartbeats
    /// still.
    /// </summary>
    public static void SetDefaults(ConsumerConfig config)
    {
        config.SessionTimeoutMs ??= SessionTimeoutMs;
        config.HeartbeatIntervalMs ??= Math.Clamp(config.SessionTimeoutMs.Value / 3, 1, HeartbeatIntervalMs);
        config.TopicMetadataRefreshIntervalMs ??= MetadataRefreshMs;
    }
}
