using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radar.Market;
using Radar.Producer;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer;

/// <summary>The whole producer on an embedded broker, and what arrives in its topic.</summary>
internal sealed class ProducerHost : IAsyncDisposable
{
    public const string Topic = "market-ticks";
    public const string Group = "radar";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly List<WebApplication> _hosts = [];

    public ProducerHost(int partitions = 4)
    {
        _kafka.CreateTopic(Topic, partitions);
        _kafka.CreateTopic(Topic + ".dlq", partitions);
    }

    public string BootstrapServers => _kafka.BootstrapServers;

    /// <summary>The broker, for tests that make it misbehave.</summary>
    public EmbeddedKafka Kafka => _kafka;

    /// <summary>Builds a producer; <paramref name="settings"/> are configuration, <c>Producer:Source=replay</c>.</summary>
    public WebApplication Build(params string[] settings)
    {
        string[] args =
        [
            $"--ConnectionStrings:kafka={BootstrapServers}", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
            .. settings.Select(setting => "--" + setting),
        ];
        var host = ProducerService.Build(args);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Puts values into another topic.</summary>
    public async Task SendAsync(string topic, params string[] values)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = BootstrapServers }).Build();
        foreach (string value in values)
            await producer.ProduceAsync(topic, new Message<Null, string> { Value = value });
    }

    public static ProducerMetrics Metrics(IHost host) => host.Services.GetRequiredService<ProducerMetrics>();

    /// <summary>
    /// Consumes as the group until <paramref name="count"/> ticks are there, and commits every <paramref name="commitEvery"/> of them.
    /// </summary>
    public Task<List<(Tick Tick, int Partition, long Offset, string? TraceParent)>> ConsumeAsync(int count, int commitEvery = 500) =>
        Task.Run(() =>
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = BootstrapServers, GroupId = Group, EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest,
        };
        foreach (var (name, value) in EmbeddedKafka.ClientSettings)
            config.Set(name, value);
        config.SessionTimeoutMs = 60_000; // nobody else comes into the group, and a busy machine is to put nobody out of it
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(Topic);
        var names = new NameTable();
        var ticks = new List<(Tick, int, long, string?)>(count);
        using var deadline = new CancellationTokenSource(Wait.Limit);
        try
        {
            while (ticks.Count < count)
            {
                var record = consumer.Consume(deadline.Token);
                Assert.Equal(TickRefusal.None, TickCodec.TryRead(record.Message.Value, names, out var tick));
                Assert.Equal(tick.Symbol, System.Text.Encoding.ASCII.GetString(record.Message.Key));
                string? traceParent = record.Message.Headers.TryGetLastBytes(TelemetryNames.TraceParent, out byte[] header)
                    ? System.Text.Encoding.ASCII.GetString(header)
                    : null;
                ticks.Add((tick, record.Partition.Value, record.Offset.Value, traceParent));
                if (ticks.Count % commitEvery == 0)
                    consumer.Commit();
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{ticks.Count} of {count} ticks arrived in {Wait.Limit.TotalSeconds} s.");
        }

        if (count % commitEvery != 0)
            consumer.Commit();
        consumer.Close();
        return ticks;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
        _kafka.Dispose();
    }
}
