using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Topics;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

/// <summary>A topic of others on a real broker, producers that read it, and what readers of committed records see of ours.</summary>
internal sealed class TopicRun : IAsyncDisposable
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(10);

    private readonly string _kafka;
    private readonly List<WebApplication> _hosts = [];
    private readonly Lazy<IConsumer<Ignore, Ignore>> _group;

    public TopicRun(string kafka, string name)
    {
        _kafka = kafka;
        (Source, Ours) = (name + ".source", name);
        _group = new(() => new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = kafka, GroupId = Group })
            .SetLogHandler((_, _) => { }).Build());
    }

    public string Source { get; }

    public string Ours { get; }

    public string DeadLetters => Ours + ".dlq";

    public string Group => $"{Source}-to-{Ours}";

    /// <summary>Arguments of a producer that reads the topic; for a process or for <see cref="StartAsync"/>.</summary>
    public string[] Arguments(params string[] more) =>
    [
        $"--ConnectionStrings:kafka={_kafka}", $"--Kafka:Topic={Ours}", "--Kafka:Partitions=4", "--urls=http://127.0.0.1:0",
        "--Logging:LogLevel:Default=Warning", "--Producer:Source=kafka", $"--Producer:Topic:Name={Source}", .. more,
    ];

    public async Task<WebApplication> StartAsync(params string[] more)
    {
        var host = ProducerService.Build(Arguments(more));
        _hosts.Add(host);
        await host.StartAsync();
        return host;
    }

    public async Task StopAsync(WebApplication host)
    {
        _hosts.Remove(host);
        await host.StopAsync();
        await host.DisposeAsync();
    }

    public static TopicMetrics Metrics(WebApplication host) => host.Services.GetRequiredService<TopicMetrics>();

    public static string? UnhealthyReason(WebApplication host) => host.Services.GetRequiredService<TopicStatus>().UnhealthyReason;

    public Task CreateSourceAsync(int partitions) => CreateAsync(Source, partitions);

    public async Task CreateAsync(string topic, int partitions, params (string Name, string Value)[] configs)
    {
        using var admin = Admin();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = topic, NumPartitions = partitions,
                Configs = configs.ToDictionary(pair => pair.Name, pair => pair.Value) },
        ]);
    }

    public void Send(IEnumerable<(string? Key, string? Value, Headers? Headers)> records)
    {
        using var producer = new ProducerBuilder<string?,
        string?>(new ProducerConfig { BootstrapServers = _kafka, EnableIdempotence = true })
            .SetLogHandler((_, _) => { }).Build();
        foreach (var (key, value, headers) in records)
            producer.Produce(Source, new Message<string?, string?> { Key = key, Value = value, Headers = headers });
        producer.Flush(Wait.Limit);
    }

    public void Send(params string?[] values) => Send(values.Select(value => ((string?)null, value, (Headers?)null)));

    /// <summary>Takes the place of a transactional producer: what it has open is aborted, and it cannot go on.</summary>
    public void Fence(string transactionalId)
    {
        using var producer = new ProducerBuilder<Null,
        string>(new ProducerConfig { BootstrapServers = _kafka, TransactionalId = transactionalId })
            .SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Wait.Limit);
    }

    /// <summary>
    /// Waits until the group has committed the whole topic, and no transaction is undecided; a failure says what is left.
    /// </summary>
    public async Task DoneAsync(Func<string>? details = null)
    {
        using var admin = Admin();
        await Wait.ForAsync(
            () => LeftAsync(admin),
            static left => left is null,
            async _ => $"{Source} is dealt with: {await AllLeftAsync(admin)}{string.Concat(_hosts.Select(Describe))}. {details?.Invoke()}");
    }

    /// <summary>Whether a transaction of our topic is open, or being decided.</summary>
    public async Task<bool> HasUndecidedAsync()
    {
        using var admin = Admin();
        try
        {
            return await UndecidedAsync(admin, Ours) > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    /// <summary>Whether our topic holds anything, decided or not.</summary>
    public bool HasOutput()
    {
        using var admin = Admin();
        try
        {
            return EndsAsync(admin, Partitions(admin, Ours), IsolationLevel.ReadUncommitted).GetAwaiter().GetResult().Values.Sum() > 0;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    /// <summary>Records of the source that the group has not committed.</summary>
    public async Task<long> UnreadAsync()
    {
        using var admin = Admin();
        try
        {
            return await UnreadAsync(admin);
        }
        catch (KafkaException)
        {
            return long.MaxValue;
        }
    }

    /// <summary>What readers of committed records see.</summary>
    public List<ConsumeResult<byte[]?, byte[]?>> Read(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(new ConsumerConfig
        {
            BootstrapServers = _kafka, GroupId = "reader", EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
        }).SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!).SetLogHandler((_, _) => { }).Build();
        using var admin = Admin();
        var partitions = Partitions(admin, topic);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        using var deadline = new CancellationTokenSource(Wait.Limit);
        for (int ended = 0; ended < partitions.Count;)
        {
            var record = consumer.Consume(deadline.Token);
            if (record.IsPartitionEOF)
                ended++;
            else
                records.Add(record);
        }

        return records;
    }

    /// <summary>The ticks of our topic; each has its symbol as the key, and each symbol one partition.</summary>
    public List<Tick> Ticks()
    {
        var names = new NameTable();
        var partitions = new Dictionary<string, int>();
        return Read(Ours).ConvertAll(record =>
        {
            Assert.Equal(TickRefusal.None, TickCodec.TryRead(record.Message.Value, names, out Tick tick));
            Assert.Equal(tick.Symbol, Encoding.ASCII.GetString(record.Message.Key!));
            Assert.True(partitions.TryAdd(tick.Symbol, record.Partition.Value) || partitions[tick.Symbol] == record.Partition.Value);
            return tick;
        });
    }

    public static string? Header(ConsumeResult<byte[]?, byte[]?> record, string name) =>
        record.Message.Headers.TryGetLastBytes(name, out byte[] value) ? Encoding.UTF8.GetString(value) : null;

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication host in _hosts.ToList())
            await StopAsync(host);
        if (_group.IsValueCreated)
            _group.Value.Dispose();
    }

    public IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka }).SetLogHandler((_, _) => { }).Build();

    private static string Describe(WebApplication host, int index)
    {
        TopicMetrics metrics = Metrics(host);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"; producer {index + 1}: {metrics.Records} records, {metrics.Aborted} aborted, reason: {UnhealthyReason(host) ?? "none"}");
    }

    /// <summary>The first thing that is not done, in words; null where all is.</summary>
    private async Task<string?> LeftAsync(IAdminClient admin)
    {
        foreach (var (what, count) in Counts(admin))
        {
            if (await LeftAsync(what, count) is { } left)
                return left;
        }

        return null;
    }

    private async Task<string> AllLeftAsync(IAdminClient admin)
    {
        var left = new List<string>();
        foreach (var (what, count) in Counts(admin))
            left.Add(await LeftAsync(what, count) ?? $"{what}: 0");
        return string.Join("; ", left);
    }

    private (string What, Func<Task<long>> Count)[] Counts(IAdminClient admin) =>
    [
        ($"{Source}, not committed by the group", () => UnreadAsync(admin)), ($"{Ours}, undecided", () => UndecidedAsync(admin, Ours)),
        ($"{DeadLetters}, undecided", () => UndecidedAsync(admin, DeadLetters)),
    ];

    private static async Task<string?> LeftAsync(string what, Func<Task<long>> count)
    {
        try
        {
            return await count() is not 0 and var left ? string.Create(CultureInfo.InvariantCulture, $"{what}: {left}") : null;
        }
        catch (KafkaException e)
        {
            // A broker that restarts, a topic that is not there yet, offsets in a transaction.
            string partitions = e is TopicPartitionOffsetException { Results: var results }
                ? " " + string.Join(", ", results.Select(result => $"{result.Partition.Value}: {result.Error.Code}")) : "";
            return $"{what}: {e.Error.Code} ({e.Message}){partitions}";
        }
    }

    private async Task<long> UnreadAsync(IAdminClient admin)
    {
        var partitions = Partitions(admin, Source);
        var ends = await EndsAsync(admin, partitions, IsolationLevel.ReadUncommitted);

        // Not the admin client's ListConsumerGroupOffsets: librdkafka 2.16 crashes in it where the coordinator answers with an error.
        return _group.Value.Committed(partitions, RequestLimit)
            .Sum(committed => ends[committed.Partition.Value] - Math.Max(0, committed.Offset.Value));
    }

    /// <summary>Offsets that readers of committed records may not pass yet.</summary>
    private static async Task<long> UndecidedAsync(IAdminClient admin, string topic)
    {
        var partitions = Partitions(admin, topic);
        long all = (await EndsAsync(admin, partitions, IsolationLevel.ReadUncommitted)).Values.Sum();
        return all - (await EndsAsync(admin, partitions, IsolationLevel.ReadCommitted)).Values.Sum();
    }

    private static async Task<Dictionary<int,
        long>> EndsAsync(IAdminClient admin, List<TopicPartition> partitions, IsolationLevel isolation)
    {
        var ends = await admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }),
            new ListOffsetsOptions { IsolationLevel = isolation, RequestTimeout = RequestLimit });
        return ends.ResultInfos.ToDictionary(
            info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
    }

    private static List<TopicPartition> Partitions(IAdminClient admin, string topic)
    {
        var found = admin.GetMetadata(RequestLimit).Topics.Find(candidate => candidate.Topic == topic);
        return found is null or { Partitions.Count: 0 }
            ? throw new KafkaException(new Error(
                ErrorCode.UnknownTopicOrPart, string.Create(CultureInfo.InvariantCulture, $"{topic} is not there")))
            : [.. found.Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId))];
    }
}
