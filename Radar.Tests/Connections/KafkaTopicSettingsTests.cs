using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Connections;

/// <summary>Topics with other settings than Radar's own, on a real broker: served whole, or named with the mend.</summary>
[Collection(OnApacheKafka.Name)]
public sealed class KafkaTopicSettingsTests(KafkaHome apache)
{
    private const int Count = 2_000;

    private readonly string _topic = "settings-" + Guid.NewGuid().ToString("N");

    [RequiresTheory(Need.KafkaHome)]
    [InlineData("gzip", "compression.type=zstd")]
    [InlineData("snappy", "message.timestamp.type=LogAppendTime")]
    [InlineData("zstd", "compression.type=uncompressed")]
    [InlineData("lz4", "max.message.bytes=1200000")]
    [InlineData("none", "segment.bytes=1048576")]
    public async Task Topic_with_other_settings_is_served_whole(string compression, string setting)
    {
        await CreateAsync(setting.Split('='));
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis);
        using var api = await path.StartApiAsync();
        await path.StartConsumerAsync();

        await path.ProduceAsync($"--Producer:Compression={compression}");

        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(Count, await path.CountAsync());
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Batches_that_the_topic_finds_too_large_stop_the_producer_with_the_mend()
    {
        await CreateAsync("max.message.bytes", "5000");
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis);
        var producer = await path.StartAsync(
            ProducerService.Build,
            ["--Producer:Synthetic:Count=0", "--Producer:Synthetic:Rate=20000", "--Producer:Compression=none", "--Producer:LingerMs=50"]);

        await Wait.UntilAsync(() => producer.Services.GetRequiredService<WrongConfiguration>().Found is not null, "it stops");

        string said = producer.Services.GetRequiredService<WrongConfiguration>().Found!.Message;
        Assert.Contains("Lower Producer:BatchBytes", said, StringComparison.Ordinal);
        using var api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.ProduceAsync("--Producer:BatchBytes=4000", "--Producer:Compression=none");
        await RadarPath.BacklogAppliedAsync(api);
        Assert.True(await path.CountAsync() >= Count);
    }

    [RequiresFact(Need.KafkaHome, Need.Signals)]
    public async Task Producer_that_a_quota_slows_down_loses_nothing()
    {
        await CreateAsync("compression.type", "producer");
        await QuotaAsync("--alter", "--add-config", "producer_byte_rate=100000");
        Assert.Contains("producer_byte_rate=100000", await QuotaAsync("--describe"), StringComparison.Ordinal);
        using var redis = EmbeddedRedis.Start();
        await using var path = Path(redis);
        using var api = await path.StartApiAsync();
        await path.StartConsumerAsync();

        await path.ProduceAsync($"--Kafka:Client:client.id={_topic}", "--Producer:Compression=none");

        await RadarPath.BacklogAppliedAsync(api);
        Assert.Equal(Count, await path.CountAsync());
    }

    /// <summary>Of the client whose id is the topic's name, by Kafka's own tool.</summary>
    private async Task<string> QuotaAsync(params string[] arguments)
    {
        string tool = System.IO.Path.Combine(Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!, "bin", "kafka-configs.sh");
        var start = new ProcessStartInfo(
            tool,
            [
                "--bootstrap-server", apache.BootstrapServers, "--entity-type", "clients", "--entity-name", _topic, .. arguments,
            ])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
        return said;
    }

    private RadarPath Path(EmbeddedRedis redis) => new(
        apache.BootstrapServers, redis.Address, _topic, "--Producer:Source=synthetic", "--Producer:Synthetic:PastMinutes=0",
        $"--Producer:Synthetic:Count={Count}", "--Producer:Synthetic:Rate=0", $"--Kafka:ConsumerGroup={_topic}",
        "--Kafka:Client:client.rack=here");

    private async Task CreateAsync(params string[] setting)
    {
        using var admin = Admin();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = _topic, NumPartitions = 2, Configs = new() { [setting[0]] = setting[1] } },
        ]);
    }

    private IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = apache.BootstrapServers })
        .SetLogHandler(static (_, _) => { }).Build();
}
