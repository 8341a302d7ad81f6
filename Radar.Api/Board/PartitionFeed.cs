using System.Threading.Channels;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// Follows the changes of one partition. One owner, one loop: load the partition, then take change after change; where one is missing,
/// load again.
/// </summary>
internal sealed class PartitionFeed(RedisKeys keys, LiveBoard board, FeedServices services) : IAsyncDisposable
{
    /// <summary>Changes that may wait. More would be older than what one load from Redis brings.</summary>
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

    /// <summary>Loads the partition again; <paramref name="reason"/> is a bounded name for services.Metrics.</summary>
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
            IAsyncDisposable? subscription = null;
            try
            {
                subscription = await services.Reader.SubscribeAsync(keys, Receive);
                while (true)
                {
                    if (!await LoadAsync())
                    {
                        await Task.Delay(Pause, services.Time, _stop.Token);
                        continue;
                    }

                    services.Metrics.Reloaded(Partition, reason);
                    reason = await FollowAsync();
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception e) when (StoreFaults.IsAway(e) || e is ObjectDisposedException)
            {
                reason = "away"; // the audit logs it
                if (RedisRightsException.IsMissing(e))
                    services.Failures.RedisAway(e);
            }
            catch (Exception e)
            {
                // What is stored or published is not what Radar writes, or Radar has a defect. A loop that ended would leave the partition
                // behind for ever; and since it is unknown how far the change got, streams are brought up to date again.
                reason = "failed";
                if (e is DamagedStateException damaged)
                    services.Failures.StateDamaged(damaged);
                else
                    services.Failures.FeedFailed(Partition, e);
                board.Invalidate(Partition);
            }
            finally
            {
                if (subscription is not null)
                    await subscription.DisposeAsync();
            }

            await Task.Delay(Pause, services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Receive(ReadOnlyMemory<byte> change)
    {
        if (!_inbox.Writer.TryWrite(change))
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
        var state = await services.Reader.SymbolRecordsAsync(keys, symbols: null);
        var had = board.Position(Partition); // only this loop moves it
        bool loaded = board.Load(Partition, state, evenIfOlder: IsAnotherLog());
        _aheadSinceMs = loaded ? null : _aheadSinceMs ?? services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        services.Arrivals.Reloaded(had, board.Position(Partition));
        return loaded;
    }

    /// <summary>The log ends before the position that the board has: it is not the one that the board was made from.</summary>
    private bool IsAnotherLog() =>
        services.LogEnds.Of(Partition) is var (end, takenMs) && takenMs > _aheadSinceMs && board.Position(Partition)?.Offset > end;

    /// <returns>Why it ended.</returns>
    private async Task<string> FollowAsync()
    {
        await foreach (var message in _inbox.Reader.ReadAllAsync(_stop.Token))
        {
            if (_reload is { } asked)
                return Gapped(asked);
            if (message.IsEmpty)
                continue; // that reload is done
            if (_changes.Read(message) is not { } change)
                return Gapped("unreadable");
            var outcome = board.Apply(Partition, change);
            if (outcome == ChangeOutcome.Gap)
                return Gapped("gap");
            if (outcome == ChangeOutcome.Applied)
                services.Arrivals.Visible(change.Times);
            services.Metrics.Applied(Partition);
        }

        return "stopped";
    }

    private string Gapped(string reason)
    {
        board.MarkGapped(Partition);
        return reason;
    }
}
