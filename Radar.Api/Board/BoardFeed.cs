using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Radar.Api.Faults;
using Radar.Api.Freshness;
using Radar.Api.Streaming;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Api.Board;

/// <summary>
/// Keeps the board: finds out which epoch is served, has one <see cref="PartitionFeed"/> follow each partition, and holds the board
/// against Redis again and again, because a lost last message is followed by nothing that could tell.
/// </summary>
internal sealed partial class BoardFeed(
    IConnectionMultiplexer redis, MarketReader reader, LiveBoard board, StreamHub hub, LagMeter lag, EventFreshness freshness, BoardMetrics metrics,
    FailureLog failures, IOptions<ApiOptions> options, TimeProvider time, ILogger<BoardFeed> logger) : BackgroundService
{
    /// <summary>Until a consumer has written anything, its first write is looked for; ticks are to be readable soon after it.</summary>
    private static readonly TimeSpan EmptyPause = TimeSpan.FromMilliseconds(100);

    /// <summary>A published change arrives within milliseconds, or not at all. All partitions are waited for at once.</summary>
    private static readonly TimeSpan MessagePatience = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a partition may take to be loaded. What Redis has comes to the board sooner or later, and who gives it up loses more than
    /// time; but a stream brings nothing meanwhile, and its client waits no longer than three heartbeats.
    /// </summary>
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(10);

    /// <summary>The same of the first load, for who measures the lag: a partition that cannot be loaded must not hide it.</summary>
    private static readonly TimeSpan FirstLoadPatience = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _pause = TimeSpan.FromMilliseconds(options.Value.BoardAuditMs);
    private volatile List<PartitionFeed> _feeds = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        redis.ConnectionFailed += OnConnectionFailed;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await AuditAsync(stoppingToken);
                var pause = board.Layout is null && !board.IsRedisDown ? EmptyPause : _pause;
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            redis.ConnectionFailed -= OnConnectionFailed;
            await StopFeedsAsync();
        }
    }

    /// <summary>What a lost connection cost is unknown until the next audit.</summary>
    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs e) => board.MarkRedisDown();

    private async Task AuditAsync(CancellationToken stoppingToken)
    {
        try
        {
            long downCount = board.RedisDownCount;
            var layout = await reader.LayoutAsync();
            var before = board.Version.Positions;
            var stored = layout is { } same && layout == board.Layout ? await reader.PositionsAsync(same) : [];
            if (board.IsRedisDown)
            {
                if (!board.TryMarkRedisUp(downCount))
                    return;
                foreach (PartitionFeed feed in _feeds)
                    feed.Reload("away"); // also one that is being loaded: what it reads may be from before
            }

            if (layout is null && board.Layout is not null)
                ReloadFollowed("older"); // flushed: consumers fill it again from the topic; until then the board is newer, and stays
            else if (!board.IsOpen || layout != board.Layout)
                await OpenAsync(layout, stoppingToken);
            else if (layout is not null)
                await CompareAsync(before, stored, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            board.MarkRedisDown();
            failures.RedisAway(e);
        }
        catch (DamagedStateException e)
        {
            board.MarkRedisDown();
            failures.StateDamaged(e);
        }
        catch (Exception e)
        {
            // The board stays as doubtful as it is, which every answer shows; the next round may do better.
            board.MarkRedisDown();
            failures.AuditFailed(e);
        }
    }

    /// <summary>Another epoch or topic, or the first: nothing of the old board counts in it.</summary>
    private async Task OpenAsync(MarketLayout? layout, CancellationToken stoppingToken)
    {
        await StopFeedsAsync();
        lock (board.Order)
        {
            board.Open(layout);
            hub.Interrupt();
        }

        if (layout is not { } known)
            return;
        Opened(known.Epoch, known.Identity.ToString());
        _feeds = [.. known.Partitions.Select(keys => new PartitionFeed(redis, reader, keys, board, hub, lag, freshness, metrics, failures, time))];
        foreach (PartitionFeed feed in _feeds)
            feed.Start(stoppingToken);
    }

    private async Task CompareAsync(ImmutableArray<long?> before, ImmutableArray<PartitionPosition?> stored, CancellationToken stoppingToken)
    {
        var waits = new List<Task>();
        foreach (PartitionFeed feed in _feeds)
        {
            int partition = feed.Partition;
            ForgetOtherLog(partition);
            if (stored[partition] is { } marked)
                board.TakeMarks(partition, marked);
            if (!board.Follows(partition))
                continue; // it is being loaded, as often as that takes; who asks again meanwhile would break what was just loaded
            if (before[partition] is { } had && !(stored[partition]?.Offset >= had))
                feed.Reload("older");
            else if (stored[partition] is { } position)
                waits.Add(ReachAsync(feed, position.Offset, stoppingToken));
        }

        await Task.WhenAll(waits);
    }

    /// <summary>What was served of a partition and lies past the end of its log was of another log; nobody need wait for it.</summary>
    private void ForgetOtherLog(int partition)
    {
        if (lag.Latest is { } sample && partition < sample.Partitions.Length
            && board.ForgetServedPast(partition, sample.Partitions[partition].End, sample.TakenMs))
            ServedOtherLog(partition, sample.Partitions[partition].End);
    }

    /// <summary>Waits until the board has what a measurement found in Redis. A partition that does not get there is loaded again.</summary>
    public async Task ReachAsync(LagSample sample, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        bool isStored = sample.Partitions.Any(lag => lag.Stored);
        while (isStored && (board.Layout is null || !board.IsLoaded) && time.GetElapsedTime(began) < FirstLoadPatience)
            await Task.Delay(EmptyPause / 5, time, cancellationToken); // the first state is not on the board yet
        var feeds = _feeds;
        await Task.WhenAll(sample.Partitions
            .Where(lag => lag.Number < feeds.Count && lag.Stored && board.Follows(lag.Number))
            .Select(lag => ReachAsync(feeds[lag.Number], lag.Position, cancellationToken)));
    }

    /// <summary>
    /// Waits until the board has what somebody found in Redis. A partition that does not get there is loaded again, as often as that
    /// takes: its last message may be lost, and the next audit may be far.
    /// </summary>
    /// <returns>False where it does not get there even so.</returns>
    public async Task<bool> ReachAsync(int partition, long offset, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (!await board.ReachAsync(partition, offset, MessagePatience, cancellationToken))
        {
            if (time.GetElapsedTime(began) >= LoadPatience)
                return false;
            if (_feeds is var feeds && partition < feeds.Count && board.Follows(partition))
                feeds[partition].Reload("lost");
        }

        return true;
    }

    /// <summary>A read beside the board found something damaged.</summary>
    public void Found(DamagedStateException e) => failures.StateDamaged(e);

    private async Task ReachAsync(PartitionFeed feed, long offset, CancellationToken cancellationToken)
    {
        if (!await board.ReachAsync(feed.Partition, offset, MessagePatience, cancellationToken) && board.Follows(feed.Partition))
            feed.Reload("lost");
    }

    /// <summary>Loads what is followed again; what is not is being loaded.</summary>
    private void ReloadFollowed(string reason)
    {
        foreach (PartitionFeed feed in _feeds.Where(feed => board.Follows(feed.Partition)))
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
        "Answers about partition {Partition} begin anew: the log ends at {End}, before what was served of it; it was made anew or cut off.")]
    private partial void ServedOtherLog(int partition, long end);
}
