using System.Diagnostics;
using System.Threading.Channels;
using Confluent.Kafka;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Consumer;

/// <summary>
/// One partition from Kafka to Redis. One owner, one loop: take what is ready, fold it, write it with its position, go on. Whatever goes
/// wrong ends the same way: forget the partition, read its position from Redis, seek there.
/// </summary>
internal sealed partial class PartitionLane(
    int partition, PartitionProjection projection, KafkaTickSource source, DeadLetters deadLetters, ConsumerMetrics metrics,
    ConsumerOptions options, ProcessSpans spans, TimeProvider time, ILogger<PartitionLane> logger) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    private readonly Channel<Arrival> _inbox = Channel.CreateBounded<Arrival>(
        new BoundedChannelOptions(options.QueueRecordsMax) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly NameTable _names = new();
    private readonly List<Task> _letters = [];
    private Task _run = Task.CompletedTask;
    private long _seeks;

    public int Partition => partition;

    /// <summary>Where the lane's arrivals wait. The polling thread is its only writer.</summary>
    public ChannelWriter<Arrival> Inbox => _inbox.Writer;

    /// <summary>Arrivals that wait.</summary>
    public int Waiting => _inbox.Reader.Count;

    /// <summary>True where so many arrivals wait that a paused partition stays paused.</summary>
    public bool Crowded => Waiting > options.QueueRecordsMax / 2;

    /// <summary>Why the lane does not advance, for people; null while it does.</summary>
    public string? Trouble { get; private set; }

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
                long next = await OpenAsync();
                await SeekAsync(next);
                Trouble = null;
                pause = PauseMin;
                await ConsumeAsync(next);
                continue;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (LaneBlockedException e)
            {
                Block(e.Message, "blocked");
            }
            catch (Exception e) when (e is RedisException or TimeoutException or KafkaException or FormatException)
            {
                // RedisTimeoutException is a TimeoutException. Whether the write came through is unknown; the position will tell.
                Block(e is KafkaException ? $"Kafka: {e.Message}" : $"Redis: {e.Message}", e.GetType().Name);
            }
            catch (Exception e)
            {
                Crashed(partition, e);
                Block($"unexpected {e.GetType().Name}; see the log", e.GetType().Name);
            }

            await Task.Delay(pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    /// <summary>Reads the position from Redis and holds it against the topic.</summary>
    /// <returns>The offset to read next.</returns>
    private async Task<long> OpenAsync()
    {
        PartitionPosition? stored = await projection.OpenAsync();
        TopicIdentity identity = await source.IdentityAsync();
        if (stored is { } known && !known.Identity.Matches(identity))
        {
            throw new LaneBlockedException(
                $"Redis holds the state of topic '{known.Identity}' (name, id, partitions), but Kafka has '{identity}'. Offsets of one mean "
                + "nothing in the other. Point ConnectionStrings:redis or Kafka:Topic at the right one, or stop the consumers, then delete the "
                + "keys radar:* to build the state anew.");
        }

        var (low, high) = await source.WatermarksAsync(partition);
        if (stored is not { } position)
        {
            // Even an empty partition has a position, so that everybody can see who works on it.
            if (await projection.WriteAsync(new PartitionPosition(low, identity, 0)) is { Applied: false })
                throw new LaneBlockedException("Another consumer began this partition at the same moment.");
            return low;
        }

        if (position.Offset > high)
        {
            throw new LaneBlockedException(
                $"Redis has applied everything before offset {position.Offset}, but the topic ends at {high}: it was made anew or cut off. "
                + "Restore the topic, or stop the consumers, then delete the keys radar:* to build the state anew.");
        }

        if (position.Offset < low)
        {
            metrics.Missed(partition, low - position.Offset);
            Missed(partition, position.Offset, low);
        }

        return Math.Max(position.Offset, low);
    }

    /// <summary>Has the polling thread seek, and throws away what was handed out before.</summary>
    private async Task SeekAsync(long offset)
    {
        long seek = ++_seeks;
        source.Seek(this, offset, seek);
        while (true)
        {
            Arrival arrival = await _inbox.Reader.ReadAsync(_stop.Token);
            if (arrival.Kind == ArrivalKind.Sought && arrival.Offset == seek)
                return;
        }
    }

    private async Task ConsumeAsync(long next)
    {
        while (await _inbox.Reader.WaitToReadAsync(_stop.Token))
        {
            long started = time.GetTimestamp();
            long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            int records = 0;
            long before = next, recordMs = projection.Position?.RecordMs ?? 0;

            while (records < options.BatchRecordsMax && projection.PendingSymbols < options.BatchSymbolsMax
                && _inbox.Reader.TryRead(out Arrival arrival))
            {
                if (arrival.Kind == ArrivalKind.OutOfRange)
                    throw new LaneBlockedException($"The topic no longer has offset {next}.");
                if (arrival.Kind == ArrivalKind.End)
                    next = Math.Max(next, arrival.Offset);
                if (arrival.Kind != ArrivalKind.Record || arrival.Offset < next)
                    continue;

                TickRefusal refusal = TryRead(arrival, nowMs, out Tick tick);
                if (refusal == TickRefusal.None)
                    projection.Add(new AppliedTick(tick, arrival.Offset, spans.Begin(arrival, partition, tick.Symbol)));
                else
                    Refuse(arrival, refusal);
                next = arrival.Offset + 1;
                recordMs = arrival.RecordMs > 0 ? arrival.RecordMs : recordMs;
                records++;
            }

            await DeliverLettersAsync();
            if (next != before && !await WriteAsync(next, recordMs, records, started))
                return;
        }
    }

    /// <returns>False where the fence held: somebody else wrote, or Redis is not where it was.</returns>
    private async Task<bool> WriteAsync(long next, long recordMs, int records, long started)
    {
        long writing = time.GetTimestamp();
        try
        {
            BatchResult result = await projection.WriteAsync(projection.Position!.Value with { Offset = next, RecordMs = recordMs });
            if (!result.Applied)
            {
                metrics.Fenced(partition);
                Fenced(partition, next, result.StoredPosition);
                spans.End("fenced", writing);
                return false;
            }

            spans.End(null, writing);
            metrics.Applied(partition, records, result.TooLate, time.GetElapsedTime(started));
            source.Applied(partition, next);
            return true;
        }
        catch (Exception e)
        {
            spans.End(e.GetType().Name, writing);
            throw;
        }
    }

    private TickRefusal TryRead(in Arrival arrival, long nowMs, out Tick tick)
    {
        TickRefusal refusal = TickCodec.TryRead(arrival.Value.Span, _names, out tick);
        if (refusal != TickRefusal.None)
            return refusal;
        if (arrival.Key.IsNull || _names.Symbol(arrival.Key.Span) is not { } key || !ReferenceEquals(key, tick.Symbol) && key != tick.Symbol)
            return TickRefusal.KeyMismatch;

        // Held against the record's own time as well, so that a rebuild years later refuses what was refused today. Some have none.
        long latestMs = (arrival.RecordMs > 0 ? Math.Min(arrival.RecordMs, nowMs) : nowMs) + (options.FutureToleranceSeconds * 1000L);
        return tick.TimestampMs > latestMs ? TickRefusal.InFuture : TickRefusal.None;
    }

    private void Refuse(in Arrival arrival, TickRefusal refusal)
    {
        Refused(partition, arrival.Offset, refusal.Name());
        _letters.Add(deadLetters.SendAsync(partition, arrival, refusal, _stop.Token));
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
        }
    }

    private void Block(string reason, string errorType)
    {
        spans.End(errorType, time.GetTimestamp());
        metrics.Failed(partition, errorType);
        if (Trouble != reason)
            Blocked(partition, reason);
        Trouble = reason;
    }

    [LoggerMessage(1, LogLevel.Error, "Partition {Partition} does not advance and tries again: {Reason}")]
    private partial void Blocked(int partition, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Partition {Partition}: a write up to {Next} was fenced off; Redis is at {Stored}. Reloading.")]
    private partial void Fenced(int partition, long next, string? stored);

    [LoggerMessage(3, LogLevel.Warning, "Partition {Partition}: offsets {From} to {To} are gone from the topic before they were applied.")]
    private partial void Missed(int partition, long from, long to);

    [LoggerMessage(4, LogLevel.Debug, "Partition {Partition} offset {Offset} refused: {Reason}.")]
    private partial void Refused(int partition, long offset, string reason);

    [LoggerMessage(5, LogLevel.Error, "Partition {Partition} failed unexpectedly.")]
    private partial void Crashed(int partition, Exception exception);
}

/// <summary>A partition that must not go on until a person, or time, has changed something; the message says what.</summary>
internal sealed class LaneBlockedException(string message) : Exception(message);
