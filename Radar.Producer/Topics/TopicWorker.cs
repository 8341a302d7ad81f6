using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>Puts another topic's records into ours, exactly once, until the host stops.</summary>
internal sealed class TopicWorker(
    KafkaClients clients,
    TopicSetup topics,
    TopicMetrics topicMetrics,
    ProducerMetrics metrics,
    TopicStatus status,
    WrongConfiguration wrong,
    IOptions<ProducerOptions> options,
    IOptions<KafkaOptions> kafka,
    TimeProvider time,
    ILogger<TopicWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        string topic = options.Value.Topic.Name!;
        try
        {
            status.UnhealthyReason = $"waiting for topic {topic}";
            int partitions = await topics.AwaitAsync(topic, stoppingToken);
            await topics.EnsureAsync(kafka.Value.Topic, stoppingToken);
            await topics.EnsureAsync(kafka.Value.DeadLetters, stoppingToken);
            Log.ReadsTopic(logger, topic, partitions, options.Value.Topic.GroupOf(kafka.Value.Topic));
            await Task.Factory.StartNew(
                () => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop is not an error.
        }
        catch (ConfigurationException e)
        {
            wrong.Stop(e);
        }

        Log.TopicTotals(logger, topic, topicMetrics.Records, metrics.Acknowledged, topicMetrics.Refused, topicMetrics.Aborted,
            topicMetrics.NoTrades, topicMetrics.Corrections);
    }

    private void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var session = new TopicSession(
                    clients, options.Value, kafka.Value, Mapping(), topicMetrics, metrics, status, time, logger, stop);
                session.Run();
            }
            catch (TransactionsLostException)
            {
                throw new ConfigurationException(
                    $"Producer:Topic:Instance={options.Value.Topic.Instance} was taken over: another replica uses the same name"
                        + $", or this one stood still for longer than Producer:Topic:TransactionTimeoutMs. Give every replica its own "
                            + $"name.");
            }
            catch (KafkaException e)
            {
                var reason = clients.Reason(e.Error);
                status.UnhealthyReason = reason.Public;
                Log.TopicConsumerLost(logger, options.Value.Topic.Name!, e.Error.Code, reason.Detailed, (long)Pause.TotalMilliseconds);
                stop.WaitHandle.WaitOne(Pause);
            }
        }
    }

    private TopicMapping Mapping()
    {
        var faults = new List<string>();
        return TopicMapping.TryCreate(options.Value.Topic, options.Value.SymbolFormat, faults, out TopicMapping? mapping)
            ? mapping
            : throw new ConfigurationException(string.Join(' ', faults)); // found at start by TopicOptionsRules
    }
}
