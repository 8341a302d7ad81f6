using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>
/// Continuously reads the state of this process's partitions, symbol by symbol, and checks it against its checksums and counts: the
/// consumer itself reads a symbol once, and later damage would be noticed only by a client that asks for it. It takes about 1 % of the
/// time of one connection.
/// </summary>
internal sealed partial class StateScrub(KafkaTickSource source, MarketReader reader, TimeProvider time, ILogger<StateScrub> logger)
    : BackgroundService
{
    /// <summary>How many times longer a pause is than the read before it; at most <see cref="PauseMax"/>.</summary>
    private const int PauseFactor = 100;

    /// <summary>A read that takes longer than a hundredth of this mostly waits for other work.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    /// <summary>Between two rounds of one symbol per partition.</summary>
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<int, Queue<string>> _symbols = []; // still to read, by partition

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (PartitionProcessor processor in source.Processors.Where(processor => processor.Fault is null))
            {
                long began = time.GetTimestamp();
                await CheckNextAsync(processor);
                TimeSpan pause = PauseFactor * time.GetElapsedTime(began);
                await PauseAsync(pause < PauseMax ? pause : PauseMax);
            }

            await PauseAsync(PauseMin);
        }

        async Task PauseAsync(TimeSpan pause) =>
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CheckNextAsync(PartitionProcessor processor)
    {
        try
        {
            if (!_symbols.TryGetValue(processor.Partition, out var symbols) || symbols.Count == 0)
                symbols = _symbols[processor.Partition] = new(await reader.CheckAsync(processor.Keys));
            if (symbols.TryDequeue(out string? symbol))
                await reader.CheckAsync(processor.Keys, symbol);
        }
        catch (DamagedStateException e)
        {
            processor.Report(e);
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            // The processor reports it.
        }
        catch (Exception e)
        {
            Failed(processor.Partition, e);
        }
    }

    [LoggerMessage(27, LogLevel.Error, "Partition {Partition}: its state could not be checked.")]
    private partial void Failed(int partition, Exception exception);
}
