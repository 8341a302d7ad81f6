using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Radar.ServiceDefaults;

/// <summary>Asks Kafka about one topic, by an admin client of its own, which is replaced when it has destroyed itself.</summary>
/// <remarks>
/// Confluent's client (2.x) cannot read what DescribeTopics says of a partition without in-sync replicas, as while a broker stops. It then
/// destroys its handle: that request is never answered, every later one throws, and disposing the client as well would end the process
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

    /// <summary>What Kafka says of a topic.</summary>
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

    /// <summary>A setting of a topic; null where the broker does not tell it.</summary>
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

    /// <summary>An offset of a partition, with its record's timestamp where <paramref name="spec"/> is a time.</summary>
    /// <param name="partition">Of a topic.</param>
    /// <param name="spec">Which offset.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="KafkaException">Kafka refuses or did not answer.</exception>
    public async Task<ListOffsetsResultInfo> OffsetAsync(TopicPartition partition, OffsetSpec spec, TimeSpan timeout)
    {
        try
        {
            var listed = await AskAsync(
                admin => admin.ListOffsetsAsync(
                    [new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = spec }],
                    new ListOffsetsOptions { RequestTimeout = timeout }),
                timeout);
            return listed.ResultInfos[0];
        }
        catch (KafkaException)
        {
            // It asks the leaders that the client knows, and after a restart of a broker that may be none until metadata is asked for.
            // All topics are: naming one would make some brokers create it.
            await AskAsync(admin => Task.Run(() => admin.GetMetadata(timeout)), timeout);
            throw;
        }
    }

    /// <summary>Disposes the client, unless it may have destroyed itself: then a request waits, or waited in vain.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_client is { Pending: 0, WasSilent: false } client)
                client.Admin.Dispose();
            (_client, _disposed) = (null, true);
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
        "Kafka at {Address}: the client could not read what the broker said of a topic while it stopped or started; a new one asks.")]
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
