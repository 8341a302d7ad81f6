using System.Diagnostics.Metrics;

namespace Radar.Market;

/// <summary>
/// Attributes and buckets that metrics of several services share. The metrics themselves are in <c>docs/telemetry.md</c>, which a test
/// compares with what is exported.
/// </summary>
public static class MetricNames
{
    /// <summary><c>radar.result</c>: one of two or three ways that something may end.</summary>
    public const string Result = "radar.result";

    /// <summary><c>radar.left_out</c>: what a dead letter leaves out of its record.</summary>
    public const string LeftOut = "radar.left_out";

    /// <summary><c>radar.window</c>: the time over which a rate was taken, such as <c>5m</c>.</summary>
    public const string Window = "radar.window";

    /// <summary><c>db.system.name</c>: always <c>redis</c>.</summary>
    public const string DbSystem = "db.system.name";

    /// <summary><c>db.operation.name</c>: the command.</summary>
    public const string DbOperation = "db.operation.name";

    /// <summary>
    /// From an event's Kafka timestamp to something, in seconds: 1 ms on a fast path, minutes where a backlog is caught up.
    /// </summary>
    public static readonly InstrumentAdvice<double> EventSeconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800],
    };

    /// <summary>
    /// The conventions' buckets for messaging durations, in seconds; the SDK's own begin with 5, as if they were milliseconds.
    /// </summary>
    public static readonly InstrumentAdvice<double> MessagingSeconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    /// <summary>The conventions' buckets for database calls, in seconds.</summary>
    public static readonly InstrumentAdvice<double> DatabaseSeconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    };

    /// <summary>
    /// Seconds from a record's Kafka timestamp until now. The broker's or the producer's clock may be ahead of ours; nothing takes less
    /// than no time.
    /// </summary>
    public static double SecondsSince(long recordMs, long nowMs) => Math.Max(0, nowMs - recordMs) / 1000.0;
}
