using System.Globalization;
using Confluent.Kafka;
using Radar.Consumer.Topics;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Consumer.Partitions;

/// <summary>
/// Moves one partition from Kafka to Redis. One owner, one loop: take the events that are ready, fold them, write the result with its
/// position, continue. Every failure ends the same way: forget the partition, read its position from Redis, seek there. No record blocks
/// it: an invalid record goes to the dead letters, and so does one that fails unexpectedly three times (<see cref="RecordFailures"/>).
/// </summary>
internal sealed partial class PartitionProcessor(
    int partition, PartitionProjection projection, Inbox inbox, Outbox outbox, TickTopic topic, TopicConfirmation confirmation,
    MarketReader reader, DeadLetters deadLetters, ConsumerMetrics metrics, ConsumerOptions options, bool anyPrice,
    SymbolRule symbols, OperatorPause operatorPause, ProcessSpans spans, Servers servers, FaultLog faultLog, HealthNotices notices,
    TimeProvider time, ILogger<PartitionProcessor> logger) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing may arrive before the stored position is checked.</summary>
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

    /// <summary>Ends the processor after the write in progress. The fence makes it safe not to wait for that.</summary>
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
                long next = await WaitingAsync("Redis and Kafka to report where to begin", OpenAsync());
                if (await WaitingAsync("Kafka to deliver the partition", SeekCheckedAsync(next)))
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
                Block(e.Explanation, "blocked", LogLevel.Error);
            }
            catch (DamagedStateException e) when (_stage != Stage.Ingesting)
            {
                spans.End(nameof(DamagedStateException));
                _damage = e;
                continue;
            }
            catch (Exception e) when (
                _stage != Stage.Ingesting && (StoreFaults.IsAway(e) || e is KafkaException or FormatException))
            {
                // Whether the write succeeded is unknown; the position will show it.
                Explanation reason = e switch
                {
                    ProduceException<byte[]?, byte[]?> refused =>
                        ((refused as NamedDeadLetterException)?.Reason ?? KafkaFault.WordsOf(refused.Error))
                            .Within(words => $"Kafka at {servers.Kafka} does not accept a dead letter: {words}"),
                    KafkaException kafka => KafkaFault.WordsOf(kafka.Error).Within(words => $"Kafka at {servers.Kafka}: {words}"),
                    _ => RedisFault.Of(e).Within(words => $"Redis at {servers.Redis}: {words}"),
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

    /// <summary>True where waiting does not fix it.</summary>
    private static bool IsLasting(Exception e) => RedisRightsException.IsMissing(e);

    /// <summary>Returns when another consumer wrote, or the topic is another one: then the partition has to be opened again.</summary>
    private async Task ConsumeAsync(long next)
    {
        while (await WaitForEventAsync())
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
                && _pendingDeadLetterBytes < options.QueueBytesMax && Inbox.TryTake(out PartitionEvent incoming))
            {
                if (incoming.Kind == PartitionEventKind.TopicChanged)
                    return;
                if (incoming.Kind == PartitionEventKind.OutOfRange)
                {
                    dropped = true;
                    break;
                }

                if (incoming.Kind == PartitionEventKind.End)
                    (next, ended) = (Math.Max(next, incoming.Offset), true);
                if (incoming.Kind != PartitionEventKind.Record || incoming.Offset < next)
                    continue;
                if (incoming.LeaderEpoch != leaderEpoch && IsUnchecked(incoming.LeaderEpoch, leaderEpoch))
                {
                    isUnchecked = true; // it is read again after the check
                    break;
                }

                if (records >= BacklogBatch && received < provenBelow && incoming.RequestsBegun >= provenBelow)
                {
                    Inbox.PutBack(incoming); // what is proven need not wait for what is not
                    break;
                }

                received = incoming.RequestsBegun;
                bool isDecided = Ingest(incoming, nowMs);
                next = incoming.Offset + 1;
                recordMs = incoming.RecordMs > 0 ? incoming.RecordMs : recordMs;
                leaderEpoch = incoming.LeaderEpoch;
                records++;
                if (!isDecided)
                    await AddUndecidedAsync();
            }

            _stage = Stage.None;
            if (next != before)
            {
                Task<bool> confirmed = IsOpenedTopicAsync(received, records); // while the batch is folded
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
            if (isUnchecked && !await WaitingAsync("Kafka to deliver its last applied record again", SeekCheckedAsync(next)))
                return;
        }
    }

    /// <summary>
    /// Waits for an event. A fenced write shows that Redis has lost its state; a partition without new records writes nothing, so it checks
    /// the stored position now and then.
    /// </summary>
    /// <returns>False where Redis has another position than before.</returns>
    private async ValueTask<bool> WaitForEventAsync()
    {
        ValueTask waiting = Inbox.WaitAsync(_stop.Token);
        if (waiting.IsCompletedSuccessfully)
            return true;
        Task incoming = waiting.AsTask();
        while (true)
        {
            await incoming.WaitAsync(IdleMax, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (incoming.IsCompleted)
            {
                await incoming;
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

    /// <summary>Folds the batch; an unexpected exception is attributed to one of its records.</summary>
    private async ValueTask FoldAsync(int records)
    {
        (_stage, _batchRecords) = (Stage.Writing, records);
        await projection.FoldAsync();
        _stage = Stage.None;
    }

    /// <returns>False where the write was fenced off: another consumer wrote, or Redis has another position than before.</returns>
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

/// <summary>A partition that must not continue until somebody has changed something, which the explanation names.</summary>
internal sealed class PartitionBlockedException(Explanation explanation) : Exception(explanation.Detailed)
{
    public PartitionBlockedException(string sentence)
        : this(Explanation.Of(sentence))
    {
    }

    public Explanation Explanation => explanation;
}
