using System.Threading.Channels;
using Radar.Api.Faults;
using Radar.Api.Freshness;
using Radar.Api.Streaming;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Board;

/// <summary>
/// Follows the changes of one partition. One owner, one loop: load the partition, then take change after change; where the chain breaks,
/// load again.
/// </summary>
internal sealed class PartitionFeed(
    IConnectionMultiplexer redis, MarketReader reader, RedisKeys keys, LiveBoard board, StreamHub hub, LagMeter lag,
    EventFreshness freshness, BoardMetrics metrics, FailureLog failures, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Changes that may wait. More would be older than what Redis tells at once.</summary>
    private const int WaitingMax = 4096;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Messages; an empty one asks for a reload.</summary>
    private readonly Channel<ReadOnlyMemory<byte>> _inbox = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    private readonly ChangeReader _changes = new();
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private volatile string? _reload;
    private long? _aheadSinceMs;

    public int Partition => keys.Partition;

    public void Start(CancellationToken stoppingToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Loads the partition again; <paramref name="reason"/> is a bounded name for metrics.</summary>
    public void Reload(string reason)
    {
        _reload = reason;
        _inbox.Writer.TryWrite(default); // a full inbox wakes the loop as well
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        string reason = "start";
        while (!_stop.IsCancellationRequested)
        {
            ChannelMessageQueue? subscription = null;
            try
            {
                subscription = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(keys.Changes));
                subscription.OnMessage(Receive);
                while (true)
                {
                    if (!await LoadAsync())
                    {
                        await Task.Delay(Pause, time, _stop.Token);
                        continue;
                    }

                    metrics.Reloaded(Partition, reason);
                    reason = await FollowAsync();
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                reason = "away"; // the audit says so
                if (RedisRightsException.SentenceOf(e) is not null)
                    failures.RedisAway(e);
            }
            catch (Exception e)
            {
                // What is stored or published is not what Radar writes, or Radar has a defect. A loop that ended would leave the partition
                // behind for ever; and since nobody knows how far the change got, clients ask anew.
                reason = "failed";
                if (e is DamagedStateException damaged)
                    failures.StateDamaged(damaged);
                else
                    failures.FeedFailed(Partition, e);
                lock (board.Order)
                {
                    board.MarkGapped(Partition);
                    hub.Interrupt(Partition);
                }
            }
            finally
            {
                if (subscription is not null)
                    await subscription.UnsubscribeAsync().ContinueWith(static _ => { }, TaskScheduler.Default);
            }

            await Task.Delay(Pause, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Receive(ChannelMessage message)
    {
        if (!_inbox.Writer.TryWrite(message.Message))
            _reload = "overflow";
    }

    /// <returns>False where Redis is behind the board.</returns>
    private async Task<bool> LoadAsync()
    {
        // What has arrived by now is in the state that is read next. While Redis is behind the board, it would only fill memory.
        while (_inbox.Reader.TryRead(out _))
        {
        }

        _reload = null;
        var state = await reader.SymbolRecordsAsync(keys, symbols: null);
        PartitionPosition? had, has;
        bool loaded;
        lock (board.Order)
        {
            had = board.Position(Partition);
            long? before = had?.Offset;
            loaded = board.Load(Partition, state, evenIfOlder: IsAnotherLog());
            _aheadSinceMs = loaded ? null : _aheadSinceMs ?? time.GetUtcNow().ToUnixTimeMilliseconds();
            has = board.Position(Partition);
            long? now = has?.Offset;
            if (now != before)
                hub.Interrupt(before is null || now >= before ? Partition : null); // a board that went back is another one, to everybody
        }

        freshness.Repaired(had, has);
        return loaded;
    }

    /// <summary>The log ends before the position that the board has: it is not the one that the board was made from.</summary>
    private bool IsAnotherLog() =>
        lag.Latest is { } sample && sample.TakenMs > _aheadSinceMs && Partition < sample.Partitions.Length
            && board.PositionOf(Partition) > sample.Partitions[Partition].End;

    /// <returns>Why it ended.</returns>
    private async Task<string> FollowAsync()
    {
        await foreach (var message in _inbox.Reader.ReadAllAsync(_stop.Token))
        {
            if (_reload is { } asked)
                return Break(asked);
            if (message.IsEmpty)
                continue; // that reload is done
            if (_changes.Read(message) is not { } change)
                return Break("unreadable");
            ChangeOutcome outcome;
            lock (board.Order)
            {
                outcome = board.Apply(Partition, change, out var effects);
                if (outcome == ChangeOutcome.Gap)
                    return Break("gap");
                if (outcome == ChangeOutcome.Applied)
                    hub.Publish(Partition, change, effects);
            }

            if (outcome == ChangeOutcome.Applied)
                freshness.Visible(change.Times);
            metrics.Applied(Partition);
        }

        return "stopped";
    }

    private string Break(string reason)
    {
        board.MarkGapped(Partition);
        return reason;
    }
}
