using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Radar.ServiceDefaults;

/// <summary>
/// Asks Kafka to describe a topic or its settings, by an admin client of its own. Confluent's client (2.x) cannot read some answers of a
/// broker that stops or starts: it then destroys its handle, and whoever waits for it would wait for ever. So each request has an
/// end, and a client that did not answer is replaced.
/// </summary>
public sealed partial class TopicDescriptions(KafkaClients clients, TimeProvider time, ILogger<TopicDescriptions> logger) : IDisposable
{
    /// <summary>What a client that works needs at most, beyond the timeout of the request, to give its answer.</summary>
    private static readonly TimeSpan AnswerDelayMax = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IAdminClient? _admin;
    private bool _disposed;

    /// <summary>What Kafka says of one topic.</summary>
    /// <param name="topic">Name.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="DescribeTopicsException">Kafka refuses, or the topic is unknown.</exception>
    /// <exception cref="KafkaException">Kafka did not answer, or the answer could not be read: ask again.</exception>
    public async Task<TopicDescription> DescribeAsync(string topic, TimeSpan timeout)
    {
        var described = await AskAsync(
            admin => admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = timeout }), timeout);
        return described.TopicDescriptions[0];
    }

    /// <summary>A setting of a topic; null where the broker does not tell it.</summary>
    /// <param name="topic">Name.</param>
    /// <param name="setting">Name, as Kafka has it.</param>
    /// <param name="timeout">Of the request.</param>
    /// <exception cref="KafkaException">Kafka refuses or did not answer, or the answer could not be read.</exception>
    public async Task<string?> SettingAsync(string topic, string setting, TimeSpan timeout)
    {
        var described = await AskAsync(
            admin => admin.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }], new DescribeConfigsOptions { RequestTimeout = timeout }),
            timeout);
        return described[0].Entries.TryGetValue(setting, out var entry) ? entry.Value : null;
    }

    /// <summary>Any other request by the same client.</summary>
    /// <param name="ask">Begins it.</param>
    /// <param name="timeout">That the request was given.</param>
    /// <exception cref="KafkaException">Kafka did not answer, or the answer could not be read.</exception>
    public async Task<T> AskAsync<T>(Func<IAdminClient, Task<T>> ask, TimeSpan timeout)
    {
        IAdminClient admin = Admin();
        try
        {
            return await ask(admin).WaitAsync(timeout + AnswerDelayMax, time);
        }
        catch (Exception e) when (e is ObjectDisposedException or TimeoutException)
        {
            Replace(admin);
            throw new KafkaException(new Error(ErrorCode.Local_Fail, "its answer could not be read"), e);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _admin?.Dispose();
            _admin = null;
        }
    }

    private IAdminClient Admin()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _admin ??= clients.Admin().Build();
        }
    }

    private void Replace(IAdminClient broken)
    {
        lock (_lock)
        {
            if (_admin != broken)
                return; // another request was first
            _admin = null;
        }

        Unreadable(clients.Servers);
        _ = Task.Run(broken.Dispose); // it may wait for its own thread
    }

    [LoggerMessage(41, LogLevel.Information,
        "Kafka at {Address}: an answer about the topic could not be read, as while a broker stops or starts; asking by a new client.")]
    private partial void Unreadable(string address);
}
