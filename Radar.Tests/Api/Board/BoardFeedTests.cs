using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Api;
using Radar.Api.Board;
using Radar.Api.Faults;
using Radar.Api.Freshness;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Board;

/// <summary>The feed of a board, on a clock and a Redis that the test holds.</summary>
public sealed class BoardFeedTests : IAsyncLifetime
{
    private static readonly TimeSpan AuditPause = TimeSpan.FromMilliseconds(1000);

    private readonly EmbeddedRedis _garnet = EmbeddedRedis.Start();
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _meters = new();
    private readonly LiveBoard _board;
    private readonly ConnectionMultiplexer _client;
    private readonly HeldRedis _hold;
    private readonly StateWriter _state;
    private readonly BoardFeed _feed;
    private readonly LagMeter _lag;
    private int _lost;

    public BoardFeedTests()
    {
        _client = PatientRedis.Connect(_garnet.Address);
        (var redis, _hold) = HeldRedis.Of(_client);
        _state = new StateWriter(_client);
        _board = new LiveBoard(_time);
        var reader = new MarketReader(redis);
        var options = Options.Create(new ApiOptions { BoardAuditMs = (int)AuditPause.TotalMilliseconds });
        var meters = _services.GetRequiredService<IMeterFactory>();
        var logEnds = new LogEnds();
        _lag = new LagMeter(reader, null!, null!, logEnds, _time, options); // measures nothing here
        var failures = new FailureLog(
            new RedisServers(redis), new RedisServerWatch(redis, _time, NullLogger<RedisServerWatch>.Instance),
            new KafkaClients("nowhere:1", _services), new StateDamage(reader, meters), _time, NullLogger<FailureLog>.Instance);
        _feed = new BoardFeed(
            new FeedServices(reader, logEnds, Freshness(meters, options), new BoardMetrics(meters, _board), failures, _time),
            _board, [new StreamHub(_board, new StreamMetrics(meters), options)], options, NullLogger<BoardFeed>.Instance);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "radar.board.reloads" && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (tags.ToArray().Contains(new(TelemetryNames.Reason, "lost")))
                Interlocked.Increment(ref _lost);
        });
        _meters.Start();
    }

    private EventFreshness Freshness(IMeterFactory meters, IOptions<ApiOptions> options)
    {
        var objective = new FreshnessObjective(options, _time);
        return new EventFreshness(objective, new FreshnessMetrics(meters, objective, _lag), _time);
    }

    public async Task InitializeAsync()
    {
        await _state.BeginAsync();
        await _feed.StartAsync(CancellationToken.None);
        await Wait.UntilAsync(() => _board.Status.IsInSync, "the board is whole");
    }

    public async Task DisposeAsync()
    {
        _hold.Release();
        await _feed.StopAsync(CancellationToken.None);
        _feed.Dispose();
        _meters.Dispose();
        _lag.Dispose();
        await _services.DisposeAsync();
        await _client.DisposeAsync();
        _garnet.Dispose();
    }

    [Fact]
    public async Task Load_that_takes_longer_than_the_pause_between_audits_is_not_restarted()
    {
        int before = _hold.Asked;
        _hold.Hold();
        _board.MarkRedisDown();
        await PassAsync(() => _hold.Waiting == StateWriter.Partitions, "all partitions are being loaded");
        Assert.Equal((false, false), (_board.Status.IsRedisDown, _board.Status.IsInSync)); // what happened meanwhile is not known yet

        for (int audit = 0; audit < 5; audit++)
            await AuditAsync();
        _hold.Release();

        // A change is taken after whatever was asked of the partition before it.
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            await _state.ApplyAsync(partition, Tick("S" + partition, 1));
        await Wait.UntilAsync(
            () => Enumerable.Range(0, StateWriter.Partitions).All(partition => _board.Status.PositionOf(partition) == 1),
            "all changes are taken");
        Assert.True(_board.Status.IsInSync);
        Assert.Equal(before + StateWriter.Partitions, _hold.Asked);
    }

    /// <summary>
    /// Time stands still after one time limit: who began to wait for a partition only when another was given up waits for ever.
    /// </summary>
    [Fact]
    public async Task Lost_messages_of_all_partitions_are_noticed_after_one_time_limit()
    {
        _state.HoldsMessages = true;
        var positions = ImmutableArray.CreateBuilder<long?>();
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            positions.Add(await _state.ApplyAsync(partition, Tick("S" + partition, 1)));

        var reaching = _feed.ReachAsync(positions.ToImmutable(), CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(999)); // the audit would come after that

        await Wait.UntilAsync(() => Volatile.Read(ref _lost) == StateWriter.Partitions, "all are loaded again");
        await reaching;
        await Wait.UntilAsync(
            () => Enumerable.Range(0, StateWriter.Partitions).All(partition => _board.Status.PositionOf(partition) == 1),
            "nothing is missing");
    }

    /// <summary>Lets one audit happen from begin to end.</summary>
    private async Task AuditAsync()
    {
        int asked = _hold.Audits;
        await PassAsync(() => _hold.Audits > asked, "an audit begins");
        asked = _hold.Audits;
        await PassAsync(() => _hold.Audits > asked, "the next begins, so the one before is over");
    }

    private Task PassAsync(Func<bool> condition, string what) => Wait.UntilAsync(
        () =>
        {
            if (condition())
                return true;
            _time.Advance(AuditPause);
            return condition();
        },
        what);
}
