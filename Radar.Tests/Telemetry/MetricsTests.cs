using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Producer;
using Radar.Producer.Topics;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Telemetry;

/// <summary>The whole path at work: what it exports is what docs/telemetry.md says.</summary>
[Collection(Alone)]
public sealed partial class MetricsTests : IAsyncLifetime
{
    /// <summary>Its own: /metrics of a process has the series of whatever else runs in it, other tests included.</summary>
    private readonly string _topic = "metrics-" + Guid.NewGuid().ToString("N");

    // /metrics has every service of the process: hosts of other tests would be in it, and take series along when they end.
    private const string Alone = "nothing beside the metrics";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly InstrumentWatch _watch = new();
    private readonly List<WebApplication> _hosts = [];
    private readonly RadarPath _path;
    private WebApplication _consumer = null!;
    private HttpClient? _api;

    public MetricsTests() => _path = new RadarPath(
        _kafka, _redis.Address, _topic, "--Kafka:TopicIdentity=test", "--Api:LagIntervalMs=50");

    private async Task StartAsync()
    {
        _kafka.CreateTopic(_topic, 3);
        _kafka.CreateTopic(_topic + ".dlq", 1);
        var api = await _path.StartAsync( // the first, so that it is there for what the others do only once
            Radar.Api.ApiService.Build, ["--Telemetry:Prometheus:Enabled=true", "--Telemetry:Prometheus:AllServices=true"]);
        var producer = await _path.StartAsync(
            ProducerService.Build, ["--Producer:Source=synthetic", "--Producer:Synthetic:Count=200", "--Producer:Synthetic:Rate=0"]);
        _consumer = await _path.StartConsumerAsync();
        _hosts.AddRange([producer, _consumer, api]);
        _api = new HttpClient { BaseAddress = new Uri(api.Urls.Single()) };
        await Wait.UntilAsync(() => Task.FromResult(ProducerHostMetrics().Acknowledged == 200), "everything is sent");
        await RadarPath.BacklogAppliedAsync(_api);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _api?.Dispose();
        await _path.DisposeAsync();
        _watch.Dispose();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [Fact]
    public async Task Table_has_every_metric_with_its_kind_unit_and_attributes_and_no_other()
    {
        await StartAsync();
        await WorkAsync();
        await using var topicSource = ProducerService.Build(
            ["--ConnectionStrings:kafka=" + _kafka.BootstrapServers, "--Producer:Source=kafka", "--Producer:Topic:Name=other",
                "--urls=http://127.0.0.1:0"]);
        topicSource.Services.GetRequiredService<TopicMetrics>();

        var published = _watch.Of([.. _hosts.Append(topicSource).Select(host => host.Services.GetRequiredService<IMeterFactory>())]);
        var rows = TelemetryTable.Read();

        Assert.Equal(
            rows.Select(row => $"{row.Name} {row.Kind} {row.Unit}").Order(StringComparer.Ordinal),
            published.Keys.Select(instrument => $"{instrument.Name} {InstrumentWatch.KindOf(instrument)} {instrument.Unit}").Distinct()
                .Order(StringComparer.Ordinal));
        Assert.All(published, entry =>
            Assert.Subset(rows.Single(row => row.Name == entry.Key.Name).Attributes.ToHashSet(), entry.Value.ToHashSet()));
        foreach (string measured in new[] { "radar.consumer.dead_letters", "radar.board.reloads", "kafka.consumer_group.lag",
            "messaging.process.duration" })
        {
            var (instrument, attributes) = published.First(entry => entry.Key.Name == measured);
            Assert.Superset(rows.Single(row => row.Name == instrument.Name).Attributes.ToHashSet(), attributes.ToHashSet());
        }
    }

    [Fact]
    public async Task Prometheus_gets_each_metric_by_the_name_of_the_table()
    {
        await StartAsync();
        await WorkAsync();
        var rows = TelemetryTable.Read();
        Assert.Equal(rows.Select(row => row.ExpectedPrometheus), rows.Select(row => row.Prometheus));

        string text = await _api!.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        var exposed = TypeLine().Matches(text).Select(match => (Name: match.Groups[1].Value, Type: match.Groups[2].Value))
            .Where(family => Ours().IsMatch(family.Name)).ToList();
        var known = rows.ToDictionary(row => row.Prometheus, row => row.Kind == "up-down counter" ? "gauge" : row.Kind);
        Assert.All(exposed, family => Assert.Equal((family.Name, known.GetValueOrDefault(family.Name)), (family.Name, family.Type)));
        string[] expected =
            [
                "kafka_consumer_group_lag", "radar_lag_seconds", "radar_lag_seconds_max_seconds", "radar_event_to_applied_seconds",
                "radar_event_to_visible_seconds",
                "radar_event_to_pushed_seconds", "radar_objective_events_total", "radar_objective_target",
                "messaging_client_sent_messages_total",
                "messaging_client_operation_duration_seconds", "messaging_client_consumed_messages_total",
                "messaging_process_duration_seconds",
                "db_client_operation_duration_seconds", "radar_consumer_dead_letters_total", "radar_stream_clients",
                "radar_stream_disconnects_total",
                "radar_board_whole",
            ];
        Assert.Empty(expected.Except(exposed.Select(family => family.Name)));
    }

    [Fact]
    public async Task Lag_goes_on_when_the_consumer_is_dead()
    {
        await StartAsync();
        await UntilAsync("kafka_consumer_group_lag", lag => lag == 0);
        await _path.StopAsync(_consumer);
        _hosts.Remove(_consumer);

        await _path.SendAsync([.. Enumerable.Range(1, 5)
            .Select(i => ((string?)"A", (string?)$$"""{"symbol":"A","price":{{i}},"timestamp":{{i}}}"""))]);

        await UntilAsync("kafka_consumer_group_lag", lag => lag == 5);
        await UntilAsync("radar_lag_seconds_max_seconds", seconds => seconds > 0.2);
        await UntilAsync("radar_lag_seconds", seconds => seconds > 0.4);
        await _path.StartConsumerAsync();
        await UntilAsync("kafka_consumer_group_lag", lag => lag == 0);
        await UntilAsync("radar_lag_seconds_max_seconds", seconds => seconds == 0);
    }

    /// <summary>Poison, a stream and an event that comes to it.</summary>
    private async Task WorkAsync()
    {
        await using (var stream = await EventStream.OpenAsync(_api!, "symbols=A"))
        {
            await stream.NextAsync("snapshot");
            await _path.SendAsync(("A", """{"symbol":"A","price":1,"timestamp":1000000}"""), ("A", "no json"),
                ("A", """{"symbol":"A","price":1,"timestamp":1}"""));
            await stream.NextAsync("ticker");
        }

        await RadarPath.BacklogAppliedAsync(_api!);
        await UntilAsync("radar_consumer_dead_letters_total", letters => letters == 1);
        await UntilAsync("radar_stream_disconnects_total", left => left >= 1, ofTopic: false);
    }

    /// <summary>Waits until the sum over all series, or those of this topic, is as expected.</summary>
    private async Task UntilAsync(string metric, Func<double, bool> expected, bool ofTopic = true) => await Wait.ForAsync(
        async () =>
        {
            string text = await _api!.GetStringAsync(new Uri("/metrics", UriKind.Relative), CancellationToken.None);
            return text.Split('\n')
                .Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal)
                    && (!ofTopic || line.Contains(_topic, StringComparison.Ordinal)))
                .Sum(line => double.Parse(line[(line.LastIndexOf("} ", StringComparison.Ordinal) + 2)..].Split(' ')[0],
                    CultureInfo.InvariantCulture));
        },
        expected, last => Task.FromResult($"{metric} is as expected; it is {last}"));

    private ProducerMetrics ProducerHostMetrics() => _hosts[0].Services.GetRequiredService<ProducerMetrics>();

    [GeneratedRegex("^# TYPE (\\S+) (\\S+)", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex("^(radar|messaging|kafka|db)_")]
    private static partial Regex Ours();

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Definition;
}
