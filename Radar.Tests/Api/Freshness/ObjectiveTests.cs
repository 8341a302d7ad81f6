using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Api;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Market.Store;

namespace Radar.Tests.Api.Freshness;

/// <summary>The freshness objective, on a clock that the test holds.</summary>
public sealed class ObjectiveTests : IDisposable
{
    private static readonly TopicIdentity Topic = new("market-ticks", null, 3);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FreshnessObjective _objective;
    private readonly LagMeter _lag;
    private readonly EventFreshness _freshness;
    private readonly ObjectiveHealthCheck _health;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _measured = [];

    public ObjectiveTests()
    {
        var options = Options.Create(new ApiOptions());
        var meters = _services.GetRequiredService<IMeterFactory>();
        _objective = new FreshnessObjective(options, _time);
        _lag = new LagMeter(null!, null!, null!, new LogEnds(), _time, options); // measures nothing here
        _freshness = new EventFreshness(_objective, new FreshnessMetrics(meters, _objective, _lag), _time);
        _health = new ObjectiveHealthCheck(_objective, _lag, options);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) => Note(instrument.Name, tags, value, isSum: instrument is Histogram<double>));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument.Name, tags, value, isSum: true));
        _listener.Start();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Dispose()
    {
        _listener.Dispose();
        _lag.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Event_counts_by_its_Kafka_timestamp_and_by_how_many_they_are()
    {
        _freshness.Visible([new(NowMs - 500, 3), new(NowMs - 501, 2), new(NowMs + 60_000, 1)]);

        Assert.Equal((4L, 2L), _objective.Counts(TimeSpan.FromMinutes(5)));
        Assert.Equal((4, 2), (_measured["radar.objective.events met"], _measured["radar.objective.events missed"]));
        Assert.Equal((3 * 0.5) + (2 * 0.501), _measured["radar.event_to_visible"], 9);
    }

    [Fact]
    public void Events_of_a_repair_lie_between_the_last_before_and_the_newest()
    {
        _freshness.Reloaded(null, new PartitionPosition(10, Topic, NowMs)); // found at the start
        _freshness.Reloaded(new PartitionPosition(10, Topic, NowMs), new PartitionPosition(10, Topic, NowMs)); // nothing new
        _freshness.Reloaded(new PartitionPosition(10, Topic, NowMs), new PartitionPosition(5, Topic, NowMs)); // another log
        Assert.Equal((0L, 0L), _objective.Counts(TimeSpan.FromMinutes(5)));

        // 100 events in the second before: half of them older than 500 ms, give or take one sixteenth.
        _freshness.Reloaded(new PartitionPosition(10, Topic, NowMs - 1000), new PartitionPosition(110, Topic, NowMs));

        var (met, missed) = _objective.Counts(TimeSpan.FromMinutes(5));
        Assert.Equal(100, met + missed);
        Assert.InRange(met, 43, 57);

        // The only one is exactly known.
        _freshness.Reloaded(new PartitionPosition(110, Topic, NowMs - 3_600_000), new PartitionPosition(111, Topic, NowMs));
        Assert.Equal((met + 1, missed), _objective.Counts(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void Windows_forget_what_is_older_and_the_month_keeps_it()
    {
        _objective.Add(90, 10);
        _time.Advance(TimeSpan.FromMinutes(6));
        _objective.Add(100, 0);

        Assert.Equal((100L, 0L), _objective.Counts(TimeSpan.FromMinutes(5)));
        Assert.Equal((190L, 10L), _objective.Counts(TimeSpan.FromMinutes(30)));
        _time.Advance(TimeSpan.FromDays(29));
        Assert.Equal((0L, 0L), _objective.Counts(TimeSpan.FromDays(3)));
        Assert.Equal((190L, 10L), _objective.Counts(_objective.Period));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal((0L, 0L), _objective.Counts(_objective.Period));
    }

    [Fact]
    public void Burn_rate_is_reported_of_windows_that_have_passed()
    {
        _objective.Add(95, 5);
        Observe();
        Assert.DoesNotContain(_measured.Keys, name => name.StartsWith("radar.objective.burn_rate", StringComparison.Ordinal));

        _time.Advance(TimeSpan.FromMinutes(4.9));
        Observe();
        Assert.DoesNotContain(_measured.Keys, name => name.StartsWith("radar.objective.burn_rate", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromMinutes(0.1));
        Observe();
        Assert.Equal(5, _measured["radar.objective.burn_rate 5m"], 6); // 5 % late, 1 % allowed
        Assert.DoesNotContain("radar.objective.burn_rate 1h", _measured.Keys);

        _time.Advance(TimeSpan.FromMinutes(55));
        Observe();
        Assert.Equal((0, 5), (_measured["radar.objective.burn_rate 5m"], Math.Round(_measured["radar.objective.burn_rate 1h"], 6)));
        Assert.Equal((0.99, 0.5), (_measured["radar.objective.target"], _measured["radar.objective.limit"]));
    }

    [Fact]
    public void Events_that_wait_for_too_long_burn_before_they_are_visible()
    {
        _objective.Add(100, 0);
        LagSample.Partition Behind(int number, long messages, double seconds, bool foreign = false) =>
            new(number, 0, messages, messages, seconds, 0, 0, 0, foreign, Stored: true);

        Assert.Equal(0, _objective.Waiting(null));
        long waiting = _objective.Waiting(
            new LagSample(NowMs, [Behind(0, 100, 0.51), Behind(1, 7, 0.5), Behind(2, 1_000_000, 3600, foreign: true)]));
        Assert.Equal(100, waiting);
        Assert.Equal(50, _objective.BurnRate(TimeSpan.FromMinutes(5), waiting), 6);
    }

    [Fact]
    public void Health_is_degraded_while_the_budget_burns_and_does_not_flap()
    {
        _objective.Add(0, 50);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HealthStatus.Healthy, _health.Check().Status); // too few to say anything

        _objective.Add(850, 100);
        var burning = _health.Check();
        Assert.Equal(HealthStatus.Degraded, burning.Status);
        Assert.Contains("99 % within 500 ms over 30 days", burning.Description, StringComparison.Ordinal);
        Assert.Contains("15.0 times too fast, and 14.4 is the limit", burning.Description, StringComparison.Ordinal);

        // Of the short window a little below the limit, which is above the 80 % of it at which the report returns.
        _time.Advance(TimeSpan.FromMinutes(10));
        _objective.Add(87, 13);
        Assert.Equal(HealthStatus.Healthy, Fresh().Check().Status);
        Assert.Equal(HealthStatus.Degraded, _health.Check().Status);

        _time.Advance(TimeSpan.FromMinutes(31));
        _objective.Add(100, 0);
        var over = _health.Check();
        Assert.Equal(HealthStatus.Healthy, over.Status);
        Assert.Contains("% of 1200 events were visible in time", over.Description, StringComparison.Ordinal);
    }

    /// <summary>A report that has not seen it burn.</summary>
    private ObjectiveHealthCheck Fresh() => new(_objective, _lag, Options.Create(new ApiOptions()));

    private void Observe() => _listener.RecordObservableInstruments();

    private void Note(string name, ReadOnlySpan<KeyValuePair<string, object?>> tags, double value, bool isSum)
    {
        string key = tags.Length == 0 ? name : $"{name} {tags[0].Value}";
        _measured[key] = isSum ? _measured.GetValueOrDefault(key) + value : value;
    }
}
