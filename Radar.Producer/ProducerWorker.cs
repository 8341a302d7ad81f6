using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>Moves ticks from the source to the topic until the source ends or the host stops.</summary>
internal sealed class ProducerWorker(
    ITickSource source,
    KafkaTickSink sink,
    TopicSetup topics,
    IOptions<KafkaOptions> kafka,
    WrongConfiguration wrong,
    ILogger<ProducerWorker> logger) : BackgroundService
{
    // 512 ticks of about 90 bytes stay in the second-level cache.
    private const int BatchTicks = 512;

    /// <summary>Opens the source, so that a wrong path stops the start.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        source.Open(cancellationToken);
        Log.Source(logger, LogText.Line(source.Description));
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (source is NoTickSource)
            return;

        // The loop below may never have to wait; the start of the host must not wait for it.
        await Task.Yield();
        try
        {
            int partitions = await topics.EnsureAsync(kafka.Value.Topic, stoppingToken);
            await topics.EnsureAsync(kafka.Value.DeadLetters, stoppingToken);
            await sink.OpenAsync(partitions, stoppingToken);
            try
            {
                await MoveAsync(stoppingToken);
            }
            finally
            {
                await sink.CloseAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A stop is not an error; the sink has logged the outcome of the ticks.
        }
        catch (ConfigurationException e)
        {
            wrong.Stop(e);
        }
    }

    private async Task MoveAsync(CancellationToken cancellationToken)
    {
        var ticks = new Tick[BatchTicks];
        while (true)
        {
            int count = await source.ReadAsync(ticks, cancellationToken);
            if (count == 0)
                return;
            await sink.SendAsync(ticks.AsMemory(0, count), cancellationToken);
        }
    }
}
