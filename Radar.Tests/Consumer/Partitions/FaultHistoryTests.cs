using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Consumer;
using Radar.Consumer.Partitions;
using Radar.Market;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer.Partitions;

/// <summary>What the consumer says of partitions that stop and go on, on a clock that the test holds.</summary>
public sealed class FaultHistoryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FaultHistory _faults;

    public FaultHistoryTests() => _faults = new FaultHistory(_time);

    [Fact]
    public void Partition_that_stops_is_degraded_then_unhealthy_then_degraded_then_healthy()
    {
        Assert.Equal(HealthStatus.Healthy, Check().Status);
        Assert.True(_faults.Begin(Explanation.Of("Redis is away")));
        Assert.Equal((HealthStatus.Degraded, "Partition 3 of 1 that do not advance: Redis is away (for 0 s)"), (
            Check().Status, Check().Description));

        _time.Advance(PartitionsHealthCheck.UnhealthyAfter - TimeSpan.FromSeconds(1));
        Assert.False(_faults.Begin(Explanation.Of("Redis is away"))); // it tried again
        Assert.Equal(HealthStatus.Degraded, Check().Status);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HealthStatus.Unhealthy, "Partition 3 of 1 that do not advance: Redis is away (for 15 s)"), (
            Check().Status, Check().Description));

        Assert.True(_faults.End());
        Assert.False(_faults.End());
        Assert.Equal((HealthStatus.Degraded, "Partition 3 advances again, after: Redis is away"), (Check().Status, Check().Description));
        _time.Advance(FaultHistory.RecoveredAfter);
        Assert.Equal(HealthStatus.Healthy, Check().Status);
    }

    [Fact]
    public void Fault_is_reported_before_health_has_it_and_once_for_the_same_reason()
    {
        var reported = new List<HealthStatus>();
        foreach (string reason in new[] { "Redis is away", "Redis is away", "out of memory" })
            _faults.Begin(Explanation.Of(reason), () => reported.Add(Check().Status));

        Assert.Equal([HealthStatus.Healthy, HealthStatus.Degraded], reported);
    }

    [Fact]
    public void Partition_that_goes_on_and_stops_again_has_never_recovered()
    {
        for (int i = 0; i < 5; i++)
        {
            _faults.Begin(Explanation.Of("out of memory"));
            _time.Advance(TimeSpan.FromSeconds(3));
            _faults.End();
            _time.Advance(FaultHistory.RecoveredAfter - TimeSpan.FromSeconds(1));
        }

        _faults.Begin(Explanation.Of("out of memory"));
        Assert.Equal(HealthStatus.Unhealthy, Check().Status);

        _faults.End();
        _time.Advance(FaultHistory.RecoveredAfter);
        Assert.True(_faults.Begin(Explanation.Of("out of memory")));
        Assert.Equal(HealthStatus.Degraded, Check().Status);
    }

    [Fact]
    public void Refused_records_are_one_line_per_reason_in_a_while_with_what_was_suppressed()
    {
        var lines = new LinesLogger<FaultLog>();
        var log = new FaultLog(Options.Create(new KafkaOptions()), _time, lines);

        for (int offset = 7; offset < 12; offset++)
        {
            log.Refused(3, offset, "bad_json");
            log.Refused(4, offset, "bad_price");
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        log.Refused(5, 20, "bad_json");

        Assert.Equal(
            [
                "Partition 3 offset 7: the record is refused (bad_json) and goes to market-ticks.dlq (0 more",
                "Partition 4 offset 7: the record is refused (bad_price) and goes to market-ticks.dlq (0 more",
                "Partition 5 offset 20: the record is refused (bad_json) and goes to market-ticks.dlq (4 more",
            ],
            lines.Lines.Select(line => line["Warning: ".Length..line.IndexOf(" of this reason", StringComparison.Ordinal)]));
    }

    [Fact]
    public void One_reason_that_stops_many_partitions_is_one_line()
    {
        using var lines = new LogLines();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(lines).SetMinimumLevel(LogLevel.Information));
        var log = new FaultLog(Options.Create(new KafkaOptions()), _time, loggers.CreateLogger<FaultLog>());

        for (int partition = 0; partition < 12; partition++)
            log.Stopped(partition, "Redis at 127.0.0.1:6379: UnableToConnect", LogLevel.Warning);
        for (int partition = 0; partition < 12; partition++)
            log.Advanced(partition);
        log.Stopped(5, "another", LogLevel.Error);

        Assert.Equal(
            [
                "Warning: Partition 0 does not advance and tries again: Redis at 127.0.0.1:6379: UnableToConnect",
                "Information: Partition 0 advances again.",
                "Error: Partition 5 does not advance and tries again: another",
            ],
            lines.Text.Split('\n').Select(line => line.Trim()));
    }

    private HealthCheckResult Check() => PartitionsHealthCheck.Check(12, 0, _faults.Now is { } fault ? [(3, fault)] : [], polling: null);
}
