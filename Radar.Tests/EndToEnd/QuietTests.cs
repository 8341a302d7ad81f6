using System.Net;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using Radar.Tests.Fixtures.Otlp;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// A start and a stop at which nothing is wrong log nothing at Warning or above: neither the AppHost nor the console of any resource, nor
/// any log record that a service exports. Whoever sees such a line may then believe it. They run while no other test does: on a machine
/// that is busy with others, a server that takes long to answer is a fault of nobody, and yet a warning.
/// </summary>
[Collection(Alone)]
public sealed class QuietTests
{
    private const string Alone = "Quiet start and stop";
    private const int Count = 300;

    private static readonly string[] Some = [$"--Producer:Synthetic:Count={Count}", "--Producer:Synthetic:Rate=100"];

    /// <summary>Not beside other tests.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Definition;

    [Fact]
    public Task Healthy_start_and_stop_on_the_embedded_servers_log_no_warning_and_settings_reach_the_services() => AssertQuietAsync(
        ["--Infrastructure=embedded", "--Kafka:Topic=ticks", "--Kafka:Partitions=5", .. Some],
        async host =>
        {
            var api = host.Api();
            await ServedState.UntilServedAsync(host, Count);
            var lag = await host.WithinAsync(RunningAppHost.JsonAsync(api, "/api/v2/lag"), "the lag is served");
            var ticker = await host.WithinAsync(RunningAppHost.JsonAsync(api, "/api/v1/ticker/btcusdt"), "a ticker is served");
            using var docs = await host.WithinAsync(api.GetAsync(new Uri("/docs/index.html", UriKind.Relative)), "the documents are served");

            Assert.Equal("BTCUSDT", (string?)ticker["symbol"]);
            Assert.True((decimal)ticker["price"]! > 0);
            Assert.Equal(5, lag["partitions"]!.AsArray().Count);
            Assert.Equal(2, host.Instances("consumer").Count);
            Assert.Equal(HttpStatusCode.OK, docs.StatusCode);
        });

    [RequiresKafkaHomeFact]
    public Task Healthy_start_and_stop_on_Apache_Kafka_log_no_warning() => AssertQuietAsync(["--Infrastructure=kafka-home"]);

    [SkippableFact]
    public async Task Healthy_starts_and_stops_on_containers_log_no_warning_and_keep_ticks_and_state()
    {
        Requirement.Need(await Containers.MissingAsync());
        string prefix = TestVolumes.NewPrefix();
        string[] settings = ["--Infrastructure=containers", TestVolumes.Setting(prefix), "--Kafka:Partitions=3"];
        await TestVolumes.OfTestsOnlyAsync(prefix);
        try
        {
            Dictionary<string, string> before = [];
            await AssertQuietAsync([.. settings, .. Some], async host =>
            {
                await ServedState.UntilServedAsync(host, Count);
                before = await ServedState.AnswersAsync(host);
            });
            await AssertQuietAsync([.. settings, "--Producer:Source=none"], async host =>
            {
                await ServedState.UntilServedAsync(host, Count);
                Assert.Equal(before, await ServedState.AnswersAsync(host));
            });
        }
        finally
        {
            await TestVolumes.DeleteAsync(prefix);
        }
    }

    [SkippableFact]
    public async Task Healthy_start_and_stop_on_external_servers_log_no_warning()
    {
        Requirement.Need(Requirement.KafkaHome, Requirement.RedisServer);
        await using var kafka = await ApacheKafka.StartAsync(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!);
        await using var redis = await RedisServer.StartAsync();

        await AssertQuietAsync(
            ["--Infrastructure=external", "--ConnectionStrings:kafka=" + kafka.BootstrapServers, "--ConnectionStrings:redis=" + redis.Address]);
    }

    private static async Task AssertQuietAsync(string[] settings, Func<RunningAppHost, Task>? whileItRuns = null)
    {
        var consoles = new List<ContainerConsole>();
        // Where few cores start many processes, the consumer may come seconds after the producer: a lag, and no fault.
        var host = await RunningAppHost.StartAsync(["--ConsumerReplicas=2", "--ApiReplicas=2", "--Api:StaleAfterMs=60000", .. settings]);
        try
        {
            string[] services = ["producer", "consumer", "api"];
            await host.UntilAsync(
                () => services.All(service => host.Telemetry.Logs.Any(log => log.Service.Name == service)),
                "each service has exported a log record",
                () => $"These have: {string.Join(", ", host.Telemetry.Logs.Select(log => log.Service.Name).Distinct())}.");
            if (whileItRuns is not null)
                await whileItRuns(host);
            consoles.AddRange(Containers.Consoles(host));
            await host.StopAsync();
        }
        finally
        {
            await host.DisposeAsync();
        }

        var complaints = host.Log.Complaints().ToList();
        complaints.AddRange(host.Telemetry.Logs.Where(log => log.Severity >= ExportedLog.Warning).Select(log => "exported: " + log));
        foreach (var console in consoles)
        {
            var lines = AppHostLog.ComplaintsOf(await console.EndAsync());
            complaints.AddRange(lines.Select(line => $"{console.Resource}, at its end: {line}"));
        }

        Assert.True(complaints.Count == 0, string.Join(Environment.NewLine, complaints.Distinct()));
    }
}
