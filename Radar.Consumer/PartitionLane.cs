using System.Globalization;
using Confluent.Kafka;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>
/// One partition from Kafka to Redis. One owner, one loop: take what is ready, fold it, write it with its position, go on. Whatever goes
/// wrong ends the same way: forget the partition, read its position from Redis, seek there.
/// </summary>
internal sealed partial class PartitionLane(
    int partition, PartitionProjection projection, KafkaTickSource source, TickTopic topic, DeadLetters deadLetters, ConsumerMetrics metrics,
    ConsumerOptions options, OperatorPause operatorPause, ProcessSpans spans, Servers servers, FaultLog faultLog, TimeProvider time,
    ILogger<PartitionLane> logger) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>Longer than anything takes that goes well.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may arrive before Redis is asked where it is.</summary>
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly NameTable _names = new();
    private readonly List<Task> _letters = [];
    private readonly BatchTimes _times = new();
    private readonly FaultHistory _faults = new(time);
    private Task _run = Task.CompletedTask;
    private long _letterBytes;
    private long _seeks;
    private volatile Wait? _wait;

    public int Partition => partition;

    /// <summary>Where the lane's arrivals wait. The polling thread puts them in.</summary>
    public Inbox Inbox { get; } = new(options.QueueRecordsMax, options.QueueBytesMax);

    /// <summary>Why the partition does not advance, or did not a moment ago; null while it does.</summary>
    public Fault? Fault => _faults.Now is { IsOver: false } fault ? fault
        : _wait is { } wait && time.GetElapsedTime(wait.Since) is var waited && waited > WaitMax
            ? new Fault(string.Create(CultureInfo.InvariantCulture, $"it has waited {waited.TotalSeconds:0} s for {wait.For}."), waited, IsOver: false)
            : _faults.Now;

    public void Start() => _run = Task.Run(RunAsync);

    /// <summary>Ends the lane after the write that is under way. The fence makes it safe not to wait for that.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_run, Task.Delay(patience, time));
        if (_run.IsCompleted)
            Dispose();
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        TimeSpan pause = PauseMin;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                long next = await WaitingAsync("Redis and Kafka to tell where to begin", OpenAsync());
                await WaitingAsync("Kafka to hand the partition over", SeekAsync(next));
                if (_faults.End())
                    faultLog.WentOn(partition);
                pause = PauseMin;
                await ConsumeAsync(next);
                spans.End("outdated");
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                spans.End("stopped");
                return;
            }
            catch (LaneBlockedException e)
            {
                Block(e.Message, "blocked", LogLevel.Error);
            }
            catch (Exception e) when (e is RedisException or TimeoutException or KafkaException or FormatException)
            {
                // RedisTimeoutException is a TimeoutException. Whether the write came through is unknown; the position will tell.
                string reason = e is KafkaException ? $"Kafka at {servers.Kafka}: {e.Message}" : $"Redis at {servers.Redis}: {RedisFault.Of(e)}";
                Block(reason, e.GetType().Name, LogLevel.Warning);
            }
            catch (Exception e)
            {
                Crashed(partition, e);
                Block($"unexpected {e.GetType().Name}; see the log", e.GetType().Name, LogLevel.Error);
            }

            await Task.Delay(pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    /// <summary>Returns when somebody else wrote, or the topic is another: from then on, everything has to be asked again.</summary>
    private async Task ConsumeAsync(long next)
    {
        while (await ArrivedAsync())
        {
            await operatorPause.WaitAsync(_stop.Token);
            long started = time.GetTimestamp();
            long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            int records = 0;
            bool dropped = false;
            _times.Clear();
            long before = next, recordMs = projection.Position?.RecordMs ?? 0;

            while (records < options.BatchRecordsMax && projection.PendingSymbols < options.BatchSymbolsMax
                && _letterBytes < options.QueueBytesMax && Inbox.TryTake(out Arrival arrival))
            {
                if (arrival.Kind == ArrivalKind.TopicChanged)
                    return;
                if (arrival.Kind == ArrivalKind.OutOfRange)
                {
                    dropped = true;
                    break;
                }

                if (arrival.Kind == ArrivalKind.End)
                    next = Math.Max(next, arrival.Offset);
                if (arrival.Kind != ArrivalKind.Record || arrival.Offset < next)
                    continue;

                TickRefusal refusal = TryRead(arrival, nowMs, out Tick tick);
                if (refusal == TickRefusal.None)
                {
                    projection.Add(spans.Begin(arrival, tick) with { RecordMs = arrival.RecordMs });
                    if (metrics.MeasuresEvents)
                        _times.Add(arrival.RecordMs);
                }
                else
                {
                    Refuse(arrival, refusal);
                }

                next = arrival.Offset + 1;
                recordMs = arrival.RecordMs > 0 ? arrival.RecordMs : recordMs;
                records++;
            }

            await WaitingAsync("the dead-letter topic to take its refused records", DeliverLettersAsync());
            if (next != before && !await WriteAsync(next, recordMs, records, started))
                return;
            if (dropped)
                throw new LaneBlockedException($"The topic no longer has offset {next}.");
        }
    }

    /// <summary>
    /// Waits for an arrival. The fence tells who writes that Redis has lost its state; a partition without new records writes nothing, so
    /// it asks now and then.
    /// </summary>
    /// <returns>False where Redis is not where it was.</returns>
    private async ValueTask<bool> ArrivedAsync()
    {
        ValueTask waiting = Inbox.WaitAsync(_stop.Token);
        if (waiting.IsCompletedSuccessfully)
            return true;
        Task arrival = waiting.AsTask();
        while (true)
        {
            await arrival.WaitAsync(QuietMax, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (arrival.IsCompleted)
            {
                await arrival;
                return true;
            }

            if (await projection.ReadStoredAsync() is var stored && stored != projection.Position)
            {
                Displaced(partition, stored?.ToString() ?? "none", projection.Position);
                return false;
            }
        }
    }

    /// <returns>False where the fence held: somebody else wrote, or Redis is not where it was.</returns>
    private async Task<bool> WriteAsync(long next, long recordMs, int records, long started)
    {
        try
        {
            BatchResult result = await projection.WriteAsync(projection.Position!.Value with { Offset = next, RecordMs = recordMs }, spans.Sending);
            metrics.ScriptAnswered(result.Script);
            if (!result.Applied)
            {
                metrics.Fenced(partition);
                Fenced(partition, next, result.StoredPosition);
                spans.End("fenced");
                return false;
            }

            spans.End(null);
            metrics.Applied(partition, records, result.TooLate, time.GetElapsedTime(started));
            metrics.Late(partition, result.Late);
            metrics.EventsApplied(_times.Runs, time.GetUtcNow().ToUnixTimeMilliseconds());
            source.Applied(partition, next);
            return true;
        }
        catch (Exception e)
        {
            spans.End(e.GetType().Name);
            throw;
        }
    }

    private TickRefusal TryRead(in Arrival arrival, long nowMs, out Tick tick) => TickRecord.TryRead(
        arrival.Key.Span, arrival.Value.Span, arrival.RecordMs, nowMs, options.FutureToleranceSeconds * 1000L, _names, out tick);

    private void Refuse(in Arrival arrival, TickRefusal refusal)
    {
        Refused(partition, arrival.Offset, refusal.Name());
        metrics.Refused(partition, refusal.Name());
        _letters.Add(deadLetters.SendAsync(partition, arrival, refusal, _stop.Token));
        _letterBytes += arrival.Bytes;
    }

    /// <summary>The position passes a refused record only when its dead letter is acknowledged.</summary>
    private async Task DeliverLettersAsync()
    {
        if (_letters.Count == 0)
            return;
        try
        {
            await Task.WhenAll(_letters);
        }
        finally
        {
            _letters.Clear();
            _letterBytes = 0;
        }
    }

    private async Task WaitingAsync(string what, Task task)
    {
        if (task.IsCompletedSuccessfully)
            return;
        _wait = new Wait(what, time.GetTimestamp());
        try
        {
            await task;
        }
        finally
        {
            _wait = null;
        }
    }

    private async Task<T> WaitingAsync<T>(string what, Task<T> task)
    {
        await WaitingAsync(what, (Task)task);
        return await task;
    }

    private void Block(string reason, string errorType, LogLevel level)
    {
        spans.End(errorType);
        metrics.Failed(partition, errorType);
        if (_faults.Begin(reason))
            faultLog.Stopped(partition, reason, level);
    }

    [LoggerMessage(2, LogLevel.Warning, "Partition {Partition}: a write up to {Next} was fenced off; Redis is at {Stored}. Reloading.")]
    private partial void Fenced(int partition, long next, string? stored);

    [LoggerMessage(3, LogLevel.Warning, "Partition {Partition}: offsets {From} to {To} are gone from the topic before they were applied.")]
    private partial void Missed(int partition, long from, long to);

    [LoggerMessage(4, LogLevel.Debug, "Partition {Partition} offset {Offset} refused: {Reason}.")]
    private partial void Refused(int partition, long offset, string reason);

    [LoggerMessage(5, LogLevel.Error, "Partition {Partition} failed unexpectedly.")]
    private partial void Crashed(int partition, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "Partition {Partition}: Redis is at {Stored}, where this consumer had brought it to {Expected}. Reloading.")]
    private partial void Displaced(int partition, string stored, PartitionPosition? expected);

    private sealed record Wait(string For, long Since);
}

/// <summary>A partition that must not go on until a person, or time, has changed something; the message says what.</summary>
internal sealed class LaneBlockedException(string message) : Exception(message);
