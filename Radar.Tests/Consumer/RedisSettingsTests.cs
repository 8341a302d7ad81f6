using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Consumer;

/// <summary>A Redis whose settings or rights do not fit: both services name it, with the remedy, and go on when it is mended.</summary>
public sealed class RedisSettingsTests : IAsyncLifetime
{
    private const string Topic = "settings";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private RedisServer? _server;
    private ConnectionMultiplexer _admin = null!;

    public async Task InitializeAsync()
    {
        if (Requirement.Missing([Need.RedisServer]) is not null)
            return;
        _server = await RedisServer.StartAsync();
        _admin = await PatientRedis.ConnectAsync(_server.Address + ",allowAdmin=true");
        _kafka.CreateTopic(Topic, 1);
        _kafka.CreateTopic(Topic + ".dlq", 1);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _admin.DisposeAsync();
            await _server.DisposeAsync();
        }

        _kafka.Dispose();
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Policy_that_evicts_is_a_line_at_the_start_and_degraded_health_until_it_is_changed()
    {
        await ConfigureAsync("maxmemory", "500mb");
        await ConfigureAsync("maxmemory-policy", "allkeys-lru");
        await using var path = Path("");
        using var lines = new LogLines();
        var (consumer, api) = await StartAsync(path, lines);

        const string Sentence =
            "evicts keys of the state when its memory is full (maxmemory 524288000 bytes, maxmemory-policy allkeys-lru). "
            + "Set maxmemory-policy noeviction.";
        foreach (WebApplication service in new[] { consumer, api })
            await UntilAsync(service, "redis", HealthStatus.Degraded, Sentence);
        Assert.Equal(2, lines.Text.Split('\n').Count(
            line => line.StartsWith("Warning:", StringComparison.Ordinal) && line.Contains(Sentence, StringComparison.Ordinal)));

        await ConfigureAsync("maxmemory-policy", "noeviction");
        foreach (WebApplication service in new[] { consumer, api })
            await UntilAsync(service, "redis", HealthStatus.Healthy, "answers");
    }

    [RequiresFact(Need.RedisServer)]
    public async Task User_without_channels_writes_nothing_and_both_services_name_the_right_until_it_is_granted()
    {
        await GrantAsync("reset on >secret ~radar:* +@all resetchannels");
        await using var path = Path(",user=limited,password=secret");
        await path.SendAsync(("A", """{"symbol":"A","price":1,"timestamp":1723204800000}"""));
        using var lines = new LogLines();
        var (consumer, api) = await StartAsync(path, lines);

        await UntilAsync(consumer, "lanes", null, "This user may not PUBLISH on the channels of the state");
        Assert.DoesNotContain("radar:{1", await RedisDump.OfAsync(_admin, "radar:*"), StringComparison.Ordinal);
        Assert.Contains("Error: Partition 0 does not advance", lines.Text, StringComparison.Ordinal);
        Assert.Contains("This user may not PUBLISH on the channel radar:{1.p00}:changes", lines.Text, StringComparison.Ordinal);

        await new StateWriter(_admin).BeginAsync(); // missing rights on the channel are reported where changes are published
        await UntilAsync(api, "state", HealthStatus.Degraded, "Redis refuses this user a channel");
        await UntilAsync(api, "state", HealthStatus.Degraded, RedisRightsException.Mend);
        Assert.Contains("NOPERM", lines.Text.Split('\n').First(line => line.Contains("Redis at", StringComparison.Ordinal) && line.Contains(
            "Redis refuses", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", lines.Text, StringComparison.Ordinal);

        await StateWriter.FlushAsync(_admin);
        await GrantAsync("&radar:*");
        await Wait.UntilAsync(async () => await path.CountAsync() == 1, "the tick is written");
        await UntilAsync(api, "board", HealthStatus.Healthy, "");
        await UntilAsync(api, "state", HealthStatus.Healthy, "");
    }

    private RadarPath Path(string credentials) => new(
        _kafka, _server!.Address + credentials, Topic,
        "--Kafka:TopicIdentity=test", "--Logging:LogLevel:Radar=Information", "--Api:BoardAuditMs=100");

    private static async Task<(WebApplication Consumer, WebApplication Api)> StartAsync(RadarPath path, LogLines lines)
    {
        WebApplication consumer = path.BuildConsumer();
        consumer.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await consumer.StartAsync();
        WebApplication api = path.BuildApi();
        api.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await api.StartAsync();
        return (consumer, api);
    }

    private static async Task UntilAsync(WebApplication service, string check, HealthStatus? status, string description)
    {
        var health = service.Services.GetRequiredService<HealthCheckService>();
        await Wait.UntilAsync(
            async () =>
            {
                var entry = (await health.CheckHealthAsync()).Entries[check];
                return (status ?? entry.Status) == entry.Status && (entry.Description ?? "").Contains(
                    description, StringComparison.Ordinal);
            },
            $"{check} is {status} {description}");
    }

    private async Task ConfigureAsync(string name, string value) => await _admin.GetServers()[0].ConfigSetAsync(name, value);

    private async Task GrantAsync(string rules) =>
        await _admin.GetDatabase().ExecuteAsync("ACL", ["SETUSER", "limited", .. rules.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
