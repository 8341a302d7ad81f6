using System.Globalization;
using Confluent.Kafka;
using Radar.Consumer.Topics;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer.Partitions;

/// <summary>
/// One partition from Kafka to Redis. One owner, one loop: take what is ready, fold it, write it with its position, go on. Whatever goes
/// wrong ends the same way: forget the partition, read its position from Redis, seek there. No record stops it: what cannot be used goes
/// to the dead letters, and so does a record that fails three times unexpectedly (<see cref="RecordFailures"/>).
/// </summary>
internal sealed partial class PartitionProcessor(
    int partition, PartitionProjection projection, Inbox inbox, Outbox outbox, TickTopic topic, TopicConfirmation confirmation,
    MarketReader reader, DeadLetters deadLetters, ConsumerMetrics metrics, ConsumerOptions options, OperatorPause operatorPause, ProcessSpans spans,
    Servers servers, FaultLog faultLog, HealthNotices notices, TimeProvider time, ILogger<PartitionProcessor> logger) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing may arrive before Redis is asked where it is.</summary>
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly BatchTimes _times = new();
    private Task _run = Task.CompletedTask;
    private readonly Backoff _backoff = new(PauseMin, PauseMax); // until a write succeeds
    private long _seeks;

    public int Partition => partition;

    /// <summary>Where its state is.</summary>
    public RedisKeys Keys => projection.Keys;

    /// <summary>What the polling thread has read of the partition.</summary>
    public Inbox Inbox => inbox;

    /// <summary>What the polling thread is to do for it.</summary>
    public Outbox Outbox => outbox;

    public void Start() => _run = Task.Run(RunAsync);

    /// <summary>Ends the processor after the write that is under way. The fence makes it safe not to wait for that.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_run, Task.Delay(timeout, time));
        if (_run.IsCompleted)
            Dispose();
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                BeginRecords();
                if (_damage is { } damage)
                    await WaitingAsync("Redis and Kafka to mark its damaged state", RepairAsync(damage));
                _damage = null;
                long next = await WaitingAsync("Redis and Kafka to tell where to begin", OpenAsync());
                if (await WaitingAsync("Kafka to hand the partition over", SeekCheckedAsync(next)))
                    await ConsumeAsync(next);
                spans.End("outdated");
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                spans.End("stopped");
                return;
            }
            catch (PartitionBlockedException e)
            {
                _damage = null;
                Block(e.Message, "blocked", LogLevel.Error);
            }
            catch (DamagedStateException e) when (_stage != Stage.Ingesting)
            {
                spans.End(nameof(DamagedStateException));
                _damage = e;
                continue;
            }
            catch (Exception e) when (_stage != Stage.Ingesting && e is (RedisException or TimeoutException or KafkaException or FormatException))
            {
                // RedisTimeoutException is a TimeoutException. Whether the write came through is unknown; the position will tell.
                string reason = e switch
                {
                    ProduceException<byte[]?, byte[]?> => $"Kafka at {servers.Kafka} does not take a dead letter: {e.Message}",
                    KafkaException => $"Kafka at {servers.Kafka}: {e.Message}",
                    _ => $"Redis at {servers.Redis}: {RedisFault.Of(e)}",
                };
                Block(reason, e.GetType().Name, IsLasting(e) ? LogLevel.Error : LogLevel.Warning);
            }
            catch (Exception e)
            {
                Unexpected(e);
            }

            await Task.Delay(_backoff.Next(), time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>True where time does not fix it.</summary>
    private static bool IsLasting(Exception e) => RedisRightsException.SentenceOf(e) is not null;

    /// <summary>Returns when somebody else wrote, or the topic is another: from then on, everything has to be asked again.</summary>
    private async Task ConsumeAsync(long next)
    {
        while (await ArrivedAsync())
        {
            await operatorPause.WaitAsync(_stop.Token);
            await CheckReportedAsync();
            long started = time.GetTimestamp();
            long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            int records = 0, recordsMax = _failures.BatchRecordsMax(next, options.BatchRecordsMax);
            bool dropped = false, ended = false, isUnchecked = false;
            _times.Clear();
            long before = next, recordMs = projection.Position?.RecordMs ?? 0;
            int? leaderEpoch = projection.Position?.LeaderEpoch;
            int provenBelow = ProvenBelow(), received = int.MaxValue; // received: the newest record of the batch

            _stage = Stage.Ingesting;
            while (records < recordsMax && projection.PendingSymbols < options.BatchSymbolsMax
                && _pendingDeadLetterBytes < options.QueueBytesMax && Inbox.TryTake(out PartitionEvent arrival))
            {
                if (arrival.Kind == PartitionEventKind.TopicChanged)
                    return;
                if (arrival.Kind == PartitionEventKind.OutOfRange)
                {
                    dropped = true;
                    break;
                }

                if (arrival.Kind == PartitionEventKind.End)
                    (next, ended) = (Math.Max(next, arrival.Offset), true);
                if (arrival.Kind != PartitionEventKind.Record || arrival.Offset < next)
                    continue;
                if (arrival.LeaderEpoch != leaderEpoch && IsUnchecked(arrival.LeaderEpoch, leaderEpoch))
                {
                    isUnchecked = true; // it is read again after the check
                    break;
                }

                if (records >= BacklogBatch && received < provenBelow && arrival.RequestsBegun >= provenBelow)
                {
                    Inbox.PutBack(arrival); // what is proven need not wait for what is not
                    break;
                }

                received = arrival.RequestsBegun;
                bool isDecided = Ingest(arrival, nowMs);
                next = arrival.Offset + 1;
                recordMs = arrival.RecordMs > 0 ? arrival.RecordMs : recordMs;
                leaderEpoch = arrival.LeaderEpoch;
                records++;
                if (!isDecided)
                    await AddUndecidedAsync();
            }

            _stage = Stage.None;
            if (next != before)
            {
                Task<bool> confirmed = IsOpenedTopicAsync(received, records); // while the batch is folded in
                await FoldAsync(records);
                if (!await confirmed)
                    return;
                await FlushDeadLettersAsync();
                if (!await WriteAsync(next, recordMs, leaderEpoch, records, started))
                    return;
            }

            if (next != before || ended)
                Advanced(); // at the end nothing waits to be written
            if (dropped)
                throw new PartitionBlockedException($"The topic no longer has offset {next}.");
            if (isUnchecked && !await WaitingAsync("Kafka to hand out its last applied record again", SeekCheckedAsync(next)))
                return;
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
            await arrival.WaitAsync(IdleMax, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (arrival.IsCompleted)
            {
                await arrival;
                return true;
            }

            await CheckReportedAsync();
            if (await projection.ReadStoredAsync() is var stored && stored != projection.Position)
            {
                PositionDiverged(partition, stored?.ToString() ?? "none", projection.Position);
                return false;
            }

            Advanced(); // nothing came meanwhile, so nothing waits to be written
        }
    }

    /// <summary>Folds the batch in; an unexpected exception is one of its records'.</summary>
    private async ValueTask FoldAsync(int records)
    {
        (_stage, _batchRecords) = (Stage.Writing, records);
        await projection.FoldAsync();
        _stage = Stage.None;
    }

    /// <returns>False where the fence held: somebody else wrote, or Redis is not where it was.</returns>
    private async Task<bool> WriteAsync(long next, long recordMs, int? leaderEpoch, int records, long started)
    {
        try
        {
            (_stage, _batchRecords) = (Stage.Writing, records);
            PartitionPosition reached = Marked(
                projection.Position!.Value with { Offset = next, RecordMs = recordMs, LeaderEpoch = leaderEpoch });
            BatchResult result = await projection.WriteAsync(reached, spans.Sending);
            _stage = Stage.None;
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
            outbox.PostApplied(next);
            NoteRepaired(next);
            return true;
        }
        catch (Exception e)
        {
            spans.End(e.GetType().Name);
            throw;
        }
    }
}

/// <summary>A partition that must not go on until a person, or time, has changed something; the message says what.</summary>
internal sealed class PartitionBlockedException(string message) : Exception(message);
