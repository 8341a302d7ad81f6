using Confluent.Kafka;
using Radar.Api.Faults;
using Radar.ServiceDefaults;

namespace Radar.Api.DeadLetters;

/// <summary>Counts the dead letters again and again, for health.</summary>
internal sealed partial class DeadLetterMonitor(
    DeadLetterLog log, FailureLog failures, TimeProvider time, ILogger<DeadLetterMonitor> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly ThrottledLog _refused = new(time, TimeSpan.FromMinutes(1));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await log.CountAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException e) when (e.Error.Code is
                ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition)
            {
                // It is being created, moved or deleted: the next round sees what became of it.
            }
            catch (KafkaException e) when (e.Error.IsBrokerError)
            {
                if (_refused.IsDue(out long suppressed))
                    Refused(log.Topic, KafkaFault.WordsOf(e.Error).Detailed, suppressed);
            }
            catch (KafkaException e)
            {
                failures.KafkaAway(e);
            }
            catch (Exception e)
            {
                Failed(e); // how many there are stays unknown, which health says; the next round may do better
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(2, LogLevel.Warning,
        "Kafka does not let the API read {Topic} ({Reason}): its dead letters are not counted and not shown ({Suppressed} more since the "
        + "last line). Give the API's user the right to read it.")]
    private partial void Refused(string topic, string reason, long suppressed);

    [LoggerMessage(1, LogLevel.Error, "Counting the dead letters failed.")]
    private partial void Failed(Exception e);
}
