using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Api.Freshness;

/// <summary>The lag per partition, as gauges. They report nothing while it is unknown: 0 would be a lie.</summary>
internal sealed class LagMetrics(IMeterFactory meters, IOptions<KafkaOptions> kafka)
{
    public void Publish(LagMeter lag)
    {
        Meter meter = meters.Create(TelemetryNames.Api);
        meter.CreateObservableGauge(
            "kafka.consumer_group.lag", () => Read(lag, partition => partition.Messages), "{message}",
            "Records that the state does not have.");
        meter.CreateObservableGauge(
            "radar.lag.seconds", () => Read(lag, partition => partition.Seconds), "s",
            "Age of the oldest record that the state does not have.");
        meter.CreateObservableGauge(
            "radar.lag.seconds.max", () => Worst(lag), "s", "The same of the worst partition: dashboards add partitions up.");
    }

    private IEnumerable<Measurement<T>> Read<T>(LagMeter lag, Func<LagSample.Partition, T> value)
        where T : struct =>
        lag.Latest is { } sample ? sample.Partitions.Select(partition => new Measurement<T>(value(partition), Tags(partition.Number))) : [];

    private IEnumerable<Measurement<double>> Worst(LagMeter lag) =>
        lag.Latest is { } sample
            ? [new(sample.Seconds, new(TelemetryNames.DestinationName, kafka.Value.Topic),
                new(TelemetryNames.ConsumerGroup, kafka.Value.ConsumerGroup))]
            : [];

    private KeyValuePair<string, object?>[] Tags(int partition) =>
    [
        new(TelemetryNames.DestinationName, kafka.Value.Topic),
        new(TelemetryNames.DestinationPartition, partition.ToString(CultureInfo.InvariantCulture)),
        new(TelemetryNames.ConsumerGroup, kafka.Value.ConsumerGroup),
    ];
}
