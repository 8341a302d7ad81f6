using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Radar.Api.Faults;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// Keeps the board: finds out which epoch is served, has one <see cref="PartitionFeed"/> follow each partition, and compares the board
/// with Redis at intervals, because a lost last message is followed by nothing that would show the gap.
/// </summary>
internal sealed partial class BoardFeed : BackgroundService
{
    /// <summary>Until a consumer has written anything, its first write is looked for; ticks are to be readable soon after it.</summary>
    private static readonly TimeSpan EmptyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>A published change arrives within milliseconds, or not at all. All partitions are waited for at once.</summary>
    private static readonly TimeSpan MessageTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a partition may take to be loaded. What Redis has comes to the board sooner or later, and a client that is given up loses
    /// more than time; but a stream brings nothing meanwhile, and its client waits no longer than three heartbeats.
    /// </summary>
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The same of the first load, for a measurement of the lag: a partition that cannot be loaded must not hide it.</summary>
    private static readonly TimeSpan FirstLoadTimeout = TimeSpan.FromSeconds(1);

    private readonly FeedServices _services;
    private readonly LiveBoard _board;
    private readonly TimeSpan _pause;
    private readonly ILogger<BoardFeed> _logger;
    private volatile List<PartitionFeed> _feeds = [];

    public BoardFeed(
        FeedServices services, LiveBoard board, IEnumerable<IBoardObserver> observers, IOptions<ApiOptions> options,
        ILogger<BoardFeed> logger)
    {
        (_services, _board, _logger) = (services, board, logger);
        _pause = TimeSpan.FromMilliseconds(options.Value.BoardAuditMs);
        foreach (IBoardObserver observer in observers)
            board.Observe(observer);
    }

    /// <summary>
    /// Waits until the board has what a measurement found in Redis. A partition that does not get there is loaded again.
    /// </summary>
    /// <param name="stored">Positions in Redis, by partition; null where nothing is stored.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task ReachAsync(ImmutableArray<long?> stored, CancellationToken cancellationToken)
    {
        if (stored.Any(static position => position is not null))
        {
            // The first state may not be on the board yet.
            await _board.UntilAsync(static status => status.Layout is not null && status.IsLoaded, FirstLoadTimeout, cancellationToken);
        }

        var feeds = _feeds;
        await Task.WhenAll(feeds
            .Where(feed => feed.Partition < stored.Length && stored[feed.Partition] is not null && _board.Status.Follows(feed.Partition))
            .Select(feed => ReachAsync(feed, stored[feed.Partition]!.Value, cancellationToken)));
    }

    /// <summary>
    /// Waits until the board has what was found in Redis. A partition that does not get there is loaded again, as often as that
    /// takes: its last message may be lost, and the next audit may be far.
    /// </summary>
    /// <returns>False where it does not get there even so.</returns>
    public async Task<bool> ReachAsync(int partition, long offset, CancellationToken cancellationToken)
    {
        long began = _services.Time.GetTimestamp();
        while (!await _board.ReachAsync(partition, offset, MessageTimeout, cancellationToken))
        {
            if (_services.Time.GetElapsedTime(began) >= LoadTimeout)
                return false;
            if (_feeds is var feeds && partition < feeds.Count && _board.Status.Follows(partition))
                feeds[partition].Reload("lost");
        }

        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What a lost connection cost is unknown until the next audit.
        using var watch = _services.Reader.OnConnectionLost(() => _board.MarkRedisDown());
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await AuditAsync(stoppingToken);
                BoardStatus status = _board.Status;
                var pause = status.Layout is null && !status.IsRedisDown ? EmptyPause : _pause;
                await Task.Delay(pause, _services.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            await StopFeedsAsync();
        }
    }

    private async Task AuditAsync(CancellationToken stoppingToken)
    {
        try
        {
            long downCount = _board.Status.RedisDownCount;
            var layout = await _services.Reader.LayoutAsync();
            BoardStatus before = _board.Status;
            var stored = layout is { } same && layout == before.Layout ? await _services.Reader.PositionsAsync(same) : [];
            if (_board.Status.IsRedisDown)
            {
                if (!_board.TryMarkRedisUp(downCount))
                    return;
                foreach (PartitionFeed feed in _feeds)
                    feed.Reload("away"); // also one that is being loaded: what it reads may be from before
            }

            if (layout is null && before.Layout is not null)
                ReloadFollowed("older"); // flushed: consumers fill it again from the topic; until then the board is newer, and stays
            else if (!before.IsOpen || layout != before.Layout)
                await OpenAsync(layout, stoppingToken);
            else if (layout is not null)
                await CompareAsync(before.Version.Positions, stored, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // The board stays unconfirmed, which every answer shows; the next round may do better.
            _board.MarkRedisDown();
            if (StoreFaults.IsAway(e))
                _services.Failures.RedisAway(e);
            else if (e is DamagedStateException damaged)
                _services.Failures.StateDamaged(damaged);
            else
                _services.Failures.AuditFailed(e);
        }
    }

    /// <summary>Another epoch or topic, or the first: nothing of the old board counts in it.</summary>
    private async Task OpenAsync(MarketLayout? layout, CancellationToken stoppingToken)
    {
        await StopFeedsAsync();
        _board.Open(layout);
        if (layout is not { } known)
            return;
        Opened(known.Epoch, known.Identity.ToString());
        _feeds = [.. known.Partitions.Select(keys => new PartitionFeed(keys, _board, _services))];
        foreach (PartitionFeed feed in _feeds)
            feed.Start(stoppingToken);
    }

    private async Task CompareAsync(
        ImmutableArray<long?> before, ImmutableArray<PartitionPosition?> stored, CancellationToken stoppingToken)
    {
        var waits = new List<Task>();
        foreach (PartitionFeed feed in _feeds)
        {
            int partition = feed.Partition;
            ForgetOtherLog(partition);
            if (stored[partition] is { } marked)
                _board.TakeMarks(partition, marked);
            if (!_board.Status.Follows(partition))
                continue; // it is being loaded, as often as that takes; another reload meanwhile would void what was just loaded
            if (before[partition] is { } had && !(stored[partition]?.Offset >= had))
                feed.Reload("older");
            else if (stored[partition] is { } position)
                waits.Add(ReachAsync(feed, position.Offset, stoppingToken));
        }

        await Task.WhenAll(waits);
    }

    /// <summary>What was served of a partition and lies past the end of its log was of another log; no read has to wait for it.</summary>
    private void ForgetOtherLog(int partition)
    {
        if (_services.LogEnds.Of(partition) is var (end, takenMs) && _board.ForgetServedPast(partition, end, takenMs))
            ServedOtherLog(partition, end);
    }

    private async Task ReachAsync(PartitionFeed feed, long offset, CancellationToken cancellationToken)
    {
        if (!await _board.ReachAsync(feed.Partition, offset, MessageTimeout, cancellationToken) && _board.Status.Follows(feed.Partition))
            feed.Reload("lost");
    }

    /// <summary>Loads what is followed again; what is not is being loaded.</summary>
    private void ReloadFollowed(string reason)
    {
        foreach (PartitionFeed feed in _feeds.Where(feed => _board.Status.Follows(feed.Partition)))
            feed.Reload(reason);
    }

    private async Task StopFeedsAsync()
    {
        foreach (PartitionFeed feed in _feeds)
            await feed.DisposeAsync();
        _feeds = [];
    }

    [LoggerMessage(1, LogLevel.Information, "The board follows epoch {Epoch} of topic {Topic}.")]
    private partial void Opened(string epoch, string topic);

    [LoggerMessage(2, LogLevel.Warning,
        "Answers about partition {Partition} start over: the log ends at {End}, before what was served of it; it was recreated or cut "
        + "off.")]
    private partial void ServedOtherLog(int partition, long end);
}

/// <summary>What the feeds of all partitions work with.</summary>
internal sealed record FeedServices(
    MarketReader Reader, LogEnds LogEnds, IArrivalObserver Arrivals, BoardMetrics Metrics, FailureLog Failures, TimeProvider Time);
