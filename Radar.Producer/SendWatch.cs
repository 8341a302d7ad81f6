using System.Globalization;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>
/// Reports that Kafka no longer acknowledges, and why: librdkafka retries silently, so that nothing is lost and nothing is seen.
/// </summary>
internal sealed partial class SendWatch(
    KafkaTickSink sink, KafkaClients clients, TopicAdmin admin, IOptions<KafkaOptions> kafka, TimeProvider time, ILogger<SendWatch> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcknowledgeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(3);

    private volatile string? _unhealthyReason;

    /// <summary>Degraded while nothing is acknowledged; what is sent waits.</summary>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_unhealthyReason is { } reason ? HealthCheckResult.Degraded(reason) : HealthCheckResult.Healthy());

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long reported = 0, since = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            if (sink.InFlight == 0 || sink.Reported != reported)
            {
                (reported, since) = (sink.Reported, time.GetTimestamp());
                if (_unhealthyReason is not null)
                    GoesOn(kafka.Value.Topic);
                _unhealthyReason = null;
            }
            else if (_unhealthyReason is null && time.GetElapsedTime(since) >= AcknowledgeTimeout)
            {
                long waiting = sink.InFlight;
                var sentence = (await ReasonAsync()).Within(reason => string.Create(
                    CultureInfo.InvariantCulture,
                    $"Kafka at {clients.Servers} acknowledges nothing of topic {kafka.Value.Topic} ({reason}); "
                    + $"{waiting} ticks wait, and none is lost."));
                _unhealthyReason = sentence.Public;
                Waits(sentence.Detailed);
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>That a partition has fewer replicas in sync than its topic asks for; null where it has enough.</summary>
    internal static string? FewReplicas(int partition, int inSync, string? least) =>
        int.TryParse(least, NumberStyles.None, CultureInfo.InvariantCulture, out int min) && inSync < min
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"partition {partition} has {inSync} in-sync replicas, and min.insync.replicas is {min}: bring brokers back")
            : null;

    private async Task<Explanation> ReasonAsync()
    {
        if (kafka.Value.TopicIdentity is not null)
            return clients.Reason(new Error(ErrorCode.Local_TimedOut)); // a broker that describes no topics
        try
        {
            var topic = await admin.DescribeAsync(kafka.Value.Topic, AskTimeout);
            string? least = await admin.SettingAsync(kafka.Value.Topic, "min.insync.replicas", AskTimeout);
            return topic.Partitions.Select(partition => FewReplicas(partition.Partition, partition.ISR.Count, least))
                .FirstOrDefault(few => few is not null) is { } tooFew
                ? Explanation.Of(tooFew)
                : clients.Reason(new Error(ErrorCode.Local_TimedOut));
        }
        catch (KafkaException e)
        {
            return clients.Reason(e.Error);
        }
    }

    [LoggerMessage(61, LogLevel.Warning, "{Reason}")]
    private partial void Waits(string reason);

    [LoggerMessage(62, LogLevel.Information, "Kafka acknowledges ticks of topic {Topic} again.")]
    private partial void GoesOn(string topic);
}
