using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Api.Faults;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>Measures the lag again and again, for metrics, health and every answer's <c>meta</c>.</summary>
internal sealed partial class LagMonitor(
    LagMeter meter, LagStatus status, LagMetrics metrics, FailureLog failures, IOptions<ApiOptions> options, TimeProvider time,
    ILogger<LagMonitor> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Publish(meter);
        var pause = TimeSpan.FromMilliseconds(options.Value.LagIntervalMs);
        bool known = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            bool wasKnown = known;
            known = await MeasureAsync(stoppingToken);
            status.Take(meter.Latest);
            if (known && !wasKnown)
                Measured(meter.Latest?.Messages ?? 0);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> MeasureAsync(CancellationToken stoppingToken)
    {
        try
        {
            await meter.MeasureAsync(stoppingToken);
            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            failures.RedisAway(e);
        }
        catch (KafkaException e)
        {
            failures.KafkaAway(e);
        }
        catch (DamagedStateException e)
        {
            failures.StateDamaged(e);
        }
        catch (Exception e)
        {
            // The lag stays unknown, which every answer shows; the next round may do better.
            Failed(e);
        }

        return false;
    }

    [LoggerMessage(1, LogLevel.Information, "Lag is known: {Messages} messages are not in the state yet.")]
    private partial void Measured(long messages);

    [LoggerMessage(2, LogLevel.Error, "Measuring the lag failed.")]
    private partial void Failed(Exception e);
}
