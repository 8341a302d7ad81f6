using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>Ensures that a topic exists before a service uses it; waits, and logs it, while Kafka is away.</summary>
public sealed partial class TopicSetup(
    GuardedAdmin admin, KafkaClients clients, IOptions<KafkaOptions> options, TimeProvider time,
    ILogger<TopicSetup> logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>After the broker has refused to create it; the right may be granted, or the topic created.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Returns the partition count of <paramref name="topic"/>; creates it with <see cref="KafkaOptions.Partitions"/> where it is
    /// missing. Retries until Kafka answers.
    /// </summary>
    public Task<int> EnsureAsync(string topic, CancellationToken cancellationToken) => FindAsync(topic, create: true, cancellationToken);

    /// <summary>Returns the partition count of a topic that is others' to create. Waits for it, and for Kafka.</summary>
    public Task<int> AwaitAsync(string topic, CancellationToken cancellationToken) => FindAsync(topic, create: false, cancellationToken);

    private async Task<int> FindAsync(string topic, bool create, CancellationToken cancellationToken)
    {
        var waits = new ThrottledLog(time, LogInterval);
        long start = time.GetTimestamp();
        long? refusedAt = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var found = (await admin.AllAsync(Timeout)).Topics.Find(candidate => candidate.Topic == topic);
                if (found is { Partitions.Count: > 0 })
                    return found.Partitions.Count;
                if (create && (refusedAt is not { } at || time.GetElapsedTime(at) >= RefusedPause))
                {
                    await CreateAsync(topic);
                    continue;
                }

                if (waits.IsDue(out _))
                    Missing(time.GetElapsedTime(start) < LogInterval ? LogLevel.Information : LogLevel.Warning, topic);
            }
            catch (CreateTopicsException e) when (e.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
            {
                continue;
            }
            catch (CreateTopicsException e)
            {
                if (refusedAt is null)
                    CannotCreate(topic, KafkaFault.WordsOf(e.Results[0].Error).Detailed);
                refusedAt = time.GetTimestamp();
            }
            catch (KafkaException e)
            {
                if (waits.IsDue(out _))
                    Waiting(clients.Servers, clients.Reason(e.Error).Detailed, topic, clients.Advice);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task CreateAsync(string topic)
    {
        var kafka = options.Value;
        var specification = new TopicSpecification
        {
            Name = topic,
            NumPartitions = kafka.Partitions,
            ReplicationFactor = kafka.ReplicationFactor,
            Configs = [],
        };
        if (kafka.RetentionHours is { } hours)
            specification.Configs["retention.ms"] = hours < 0 ? "-1" : $"{hours * 3_600_000L}";
        await admin.CreateAsync(specification);
        Created(topic, kafka.Partitions);
    }

    [LoggerMessage(1, LogLevel.Information, "Created topic {Topic} with {Partitions} partitions.")]
    private partial void Created(string topic, int partitions);

    [LoggerMessage(2, LogLevel.Warning,
        "Kafka at {Address} does not answer ({Reason}); waiting for it and topic {Topic}. {Advice}")]
    private partial void Waiting(string address, string reason, string topic, string advice);

    [LoggerMessage(3, LogLevel.Error,
        "The broker does not let Radar create topic {Topic} ({Reason}). Create it, or grant Radar the right; it tries again.")]
    private partial void CannotCreate(string topic, string reason);

    [LoggerMessage(EventId = 4, Message = "Topic {Topic} does not exist yet; waiting for someone to create it.")]
    private partial void Missing(LogLevel level, string topic);
}
