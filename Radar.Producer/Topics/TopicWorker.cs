using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>Puts another topic's records into ours, exactly once, until the host stops. A session that cannot go on is followed by a new one.</summary>
internal sealed class TopicWorker(
    KafkaClients clients,
    TopicSetup topics,
    TopicMetrics topicMetrics,
    ProducerMetrics metrics,
    IOptions<ProducerOptions> options,
    IOptions<KafkaOptions> kafka,
    TimeProvider time,
    ILogger<TopicWorker> logger) : BackgroundService
{
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    private readonly string _topic = options.Value.Topic.Name ?? "";
    private volatile string? _trouble = "not started";

    /// <summary>Why nothing is read, or null where records are.</summary>
    public string? Trouble => _trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            _trouble = $"waiting for topic {_topic}";
            int partitions = await topics.AwaitAsync(_topic, stoppingToken);
            await topics.EnsureAsync(kafka.Value.Topic, stoppingToken);
            await topics.EnsureAsync(kafka.Value.DeadLetters, stoppingToken);
            await Task.Factory.StartNew(
                () => RunSessions(partitions, stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop is not an error.
        }
        finally
        {
            Log.TopicTotals(logger, _topic, topicMetrics.Records, metrics.Acknowledged, topicMetrics.Refused, topicMetrics.Aborted);
        }
    }

    private void RunSessions(int partitions, CancellationToken stop)
    {
        var pause = TimeSpan.Zero;
        while (!stop.IsCancellationRequested)
        {
            var wait = RunSession(partitions, pause, stop);
            pause = wait;
            stop.WaitHandle.WaitOne(wait);
        }
    }

    /// <summary>Runs one session to its end. Returns how long to wait before the next.</summary>
    private TimeSpan RunSession(int partitions, TimeSpan lastPause, CancellationToken stop)
    {
        var faults = new List<string>();
        if (!TopicMapping.TryCreate(options.Value.Topic, options.Value.SymbolFormat, faults, out TopicMapping? mapping))
            throw new ConfigurationException(string.Join(' ', faults));
        string group = options.Value.Topic.GroupOf(kafka.Value.Topic);
        string transactionalId = $"{group}-{options.Value.Topic.Instance ?? Guid.NewGuid().ToString("N")}";
        Log.ReadsTopic(logger, _topic, partitions, group, kafka.Value.Topic, transactionalId);
        using var session = new TopicSession(
            clients, transactionalId, options.Value, kafka.Value, mapping, topicMetrics, metrics, time, logger, stop);
        try
        {
            _trouble = null;
            session.Run();
            return TimeSpan.Zero;
        }
        catch (TransactionsLostException e) when (e.IsFenced && options.Value.Topic.Instance is { } instance)
        {
            Log.InstanceTaken(logger, instance);
            throw;
        }
        catch (TransactionsLostException e)
        {
            _trouble = e.Message;
            var pause = session.HasCommitted ? TimeSpan.FromSeconds(1) : Min(PauseMax, (lastPause * 2) + TimeSpan.FromSeconds(1));
            Log.SessionFailed(logger, e.Error.Code, e.Error.Reason, (long)pause.TotalMilliseconds);
            return pause;
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
