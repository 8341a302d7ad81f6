using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Radar.ServiceDefaults;

/// <summary>Asks Kafka about one topic, by an admin client of its own, which is replaced when it has destroyed itself.</summary>
/// <remarks>
/// Confluent's client (2.x) cannot read what DescribeTopics reports of a partition without in-sync replicas, as while a broker stops. It
/// then destroys its handle: that request is never answered, every later one throws, and disposing the client as well would end the process
/// by a segmentation fault. So each request has an end, and such a client is only let go.
/// </remarks>
public sealed partial class TopicAdmin : IDisposable
{
    /// <summary>What a client that works needs at most, beyond the timeout of the request, to give its answer.</summary>
    private static readonly TimeSpan AnswerDelayMax = TimeSpan.FromSeconds(5);

    private readonly Func<IAdminClient> _create;
    private readonly string _servers;
    private readonly TimeProvider _time;
    private readonly ILogger<TopicAdmin> _logger;
    private readonly Lock _lock = new();
    private Client? _client;
    private bool _disposed;

    public TopicAdmin(KafkaClients clients, TimeProvider time, ILogger<TopicAdmin> logger)
        : this(() => clients.Admin().Build(), clients.Servers, time, logger)
    {
    }

    internal TopicAdmin(Func<IAdminClient> create, string servers, TimeProvider time, ILogger<TopicAdmin> logger) =>
        (_create, _servers, _time, _logger) = (create, servers, time, logger);

    /// <summary>Describes a topic.</summary>
    /// <param name="topic">Name.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="DescribeTopicsException">Kafka refuses, or the topic is unknown.</exception>
    /// <exception cref="KafkaException">Kafka did not answer, or the answer could not be read: ask again.</exception>
    public async Task<TopicDescription> DescribeAsync(string topic, TimeSpan timeout)
    {
        var described = await AskAsync(
            admin => admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = timeout }),
            timeout);
        return described.TopicDescriptions[0];
    }

    /// <summary>The id of a topic; null where the broker gives topics none.</summary>
    /// <param name="topic">Name.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="KafkaException">Kafka refuses or did not answer: whether there is one is unknown.</exception>
    public async Task<string?> IdAsync(string topic, TimeSpan timeout)
    {
        try
        {
            return IdOf(await DescribeAsync(topic, timeout));
        }
        catch (KafkaException e) when (HasNoIds(e))
        {
            return null;
        }
    }

    /// <summary>The id in a description; null where the broker has none.</summary>
    public static string? IdOf(TopicDescription described) =>
        (described.TopicId.MostSignificantBits, described.TopicId.LeastSignificantBits) == (0, 0) ? null : described.TopicId.ToString();

    /// <summary>True where the broker cannot describe topics, and so gives them no ids. Any other failure leaves that open.</summary>
    public static bool HasNoIds(KafkaException failure)
    {
        var error = failure is DescribeTopicsException { Results.TopicDescriptions: [{ Error.IsError: true } described, ..] }
            ? described.Error
            : failure.Error;
        return error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion;
    }

    /// <summary>A setting of a topic; null where the broker does not report it.</summary>
    /// <param name="topic">Name.</param>
    /// <param name="setting">Name, as Kafka has it.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="KafkaException">Kafka refuses or did not answer.</exception>
    public async Task<string?> SettingAsync(string topic, string setting, TimeSpan timeout)
    {
        var described = await AskAsync(
            admin => admin.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }], new DescribeConfigsOptions { RequestTimeout = timeout }),
            timeout);
        return described[0].Entries.TryGetValue(setting, out var entry) ? entry.Value : null;
    }

    /// <summary>An offset of a partition.</summary>
    /// <param name="partition">Of a topic.</param>
    /// <param name="spec">Which offset.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="KafkaException">Kafka refuses, did not answer, or gave none.</exception>
    public async Task<long> OffsetAsync(TopicPartition partition, OffsetSpec spec, TimeSpan timeout) =>
        TopicOffsets.OffsetOf(await ListAsync(partition, spec, timeout));

    /// <summary>Kafka timestamp of a partition's first record, Unix ms; null where it has none, or the broker does not know.</summary>
    /// <param name="partition">Of a topic.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="KafkaException">Kafka refuses or did not answer.</exception>
    public async Task<long?> FirstTimestampAsync(TopicPartition partition, TimeSpan timeout)
    {
        var first = await ListAsync(partition, OffsetSpec.ForTimestamp(0), timeout);
        return first is { TopicPartitionOffsetError.Offset.IsSpecial: false, Timestamp: > 0 and var ms } ? ms : null;
    }

    /// <summary>Disposes the client, unless it may have destroyed itself: then a request is unanswered.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_client is { Pending: 0, WasSilent: false } client)
                client.Admin.Dispose();
            (_client, _disposed) = (null, true);
        }
    }

    private async Task<ListOffsetsResultInfo> ListAsync(TopicPartition partition, OffsetSpec spec, TimeSpan timeout)
    {
        try
        {
            return (await AskAsync(admin => admin.ListAsync([partition], spec, timeout), timeout))[0];
        }
        catch (KafkaException)
        {
            // It asks the leaders that the client knows, and after a restart of a broker that may be none until metadata is asked for.
            // All topics are: naming one would make some brokers create it.
            await AskAsync(admin => Task.Run(() => admin.GetMetadata(timeout)), timeout);
            throw;
        }
    }

    internal async Task<T> AskAsync<T>(Func<IAdminClient, Task<T>> ask, TimeSpan timeout)
    {
        Client client = Begin();
        try
        {
            return await ask(client.Admin).WaitAsync(timeout + AnswerDelayMax, _time);
        }
        catch (ObjectDisposedException e)
        {
            LetGo(client);
            throw Unanswered(e);
        }
        catch (TimeoutException e)
        {
            client.WasSilent = true;
            throw Unanswered(e);
        }
        finally
        {
            lock (_lock)
                client.Pending--;
        }

        static KafkaException Unanswered(Exception e) => new(new Error(ErrorCode.Local_Fail, "no answer that could be read"), e);
    }

    private Client Begin()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _client ??= new Client(_create());
            _client.Pending++;
            return _client;
        }
    }

    private void LetGo(Client destroyed)
    {
        lock (_lock)
        {
            if (_client != destroyed)
                return; // another request was first
            _client = null;
        }

        Destroyed(_servers);
    }

    [LoggerMessage(41, LogLevel.Information,
        "Kafka at {Address}: the client could not read how the broker described a topic while it stopped or started; a new one asks.")]
    private partial void Destroyed(string address);

    private sealed class Client(IAdminClient admin)
    {
        public IAdminClient Admin => admin;

        /// <summary>Requests under way.</summary>
        public int Pending { get; set; }

        /// <summary>A request was not answered within its time.</summary>
        public volatile bool WasSilent;
    }
}
