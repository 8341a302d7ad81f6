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

        await UntilAsync(api, "redis", HealthStatus.Degraded, "lacks rights that this service needs: the channels of changes.");
        await new StateWriter(_admin).BeginAsync(); // from now on the API is refused what it asks for
        await UntilAsync(api, "board", null, "The board does not follow every partition");
        Assert.DoesNotContain("secret", lines.Text, StringComparison.Ordinal);

        await StateWriter.FlushAsync(_admin);
        await GrantAsync("&radar:*");
        await Wait.UntilAsync(async () => await path.CountAsync() == 1, "the tick is written");
        await UntilAsync(api, "board", HealthStatus.Healthy, "");
        await UntilAsync(api, "redis", HealthStatus.Healthy, "answers");
        string named = Assert.Single(lines.Lines, static line => line.StartsWith("Error: Redis at", StringComparison.Ordinal));
        Assert.Contains("ACL SETUSER <user> &radar:{*; all are in docs/security.md", named, StringComparison.Ordinal);
        Assert.Single(lines.Lines, static line => line.Contains("no right is missing any more", StringComparison.Ordinal));
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Right_that_the_API_lacks_is_named_before_anything_is_written_and_only_where_its_mode_needs_it()
    {
        await GrantAsync("reset on >secret ~radar:* &radar:* +@all -hincrby -getdel");
        await using var path = Path(",user=limited,password=secret");
        using var lines = new LogLines();
        WebApplication open = path.BuildApi("--Auth:Mode=none");
        open.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await open.StartAsync();
        Assert.DoesNotContain(lines.Lines, static line => line.Contains("lacks rights", StringComparison.Ordinal));
        WebApplication keyed = path.BuildApi("--Auth:Mode=keys");
        keyed.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);

        await keyed.StartAsync();

        const string Sentence =
            "lacks rights that this service needs: +hincrby, +getdel. Grant them: ACL SETUSER <user> +hincrby +getdel.";
        Assert.Single(lines.Lines, static line => line.Contains("ACL SETUSER <user> +hincrby +getdel", StringComparison.Ordinal));
        await UntilAsync(keyed, "redis", HealthStatus.Degraded, Sentence);
        await UntilAsync(open, "redis", HealthStatus.Healthy, "answers");
        Assert.Equal("", await RedisDump.OfAsync(_admin, "radar:{*"));
        Assert.Equal("", await RedisDump.OfAsync(_admin, "radar:ticket:*"));
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
