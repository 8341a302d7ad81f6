using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Radar.Consumer;
using Radar.Market;

namespace Radar.Tests.Consumer;

public sealed class ConsumerMetricsTests
{
    /// <summary>What OpenTelemetry's conventions for messaging require of their metrics.</summary>
    [Theory]
    [InlineData("messaging.client.consumed.messages")]
    [InlineData("messaging.process.duration")]
    public void Metric_of_the_conventions_has_the_attributes_that_they_require(string name)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var seen = new List<Dictionary<string, object?>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == name)
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => seen.Add(tags.ToArray().ToDictionary()));
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => seen.Add(tags.ToArray().ToDictionary()));
        listener.Start();

        new ConsumerMetrics(meters, Options.Create(new KafkaOptions { ConsumerGroup = "g" })).Applied(
            3, 1, 0, TimeSpan.FromMilliseconds(7));

        var tags = Assert.Single(seen);
        Assert.Equal(
            ("kafka", "process", "market-ticks", "3", "g"),
            (tags["messaging.system"], tags["messaging.operation.name"], tags["messaging.destination.name"],
                tags["messaging.destination.partition.id"], tags["messaging.consumer.group.name"]));
    }

    [Fact]
    public void Durations_of_milliseconds_fall_into_different_buckets()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        IReadOnlyList<double>? bounds = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters)
                && instrument is Histogram<double> { Name: "messaging.process.duration" } histogram)
                bounds = histogram.Advice?.HistogramBucketBoundaries;
        };
        listener.Start();

        _ = new ConsumerMetrics(meters, Options.Create(new KafkaOptions()));

        Assert.NotNull(bounds);
        Assert.Equal((0.005, 10), (bounds[0], bounds[^1]));
    }
}
