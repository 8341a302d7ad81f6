using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace Radar.ServiceDefaults;

/// <summary>
/// Asks Kafka to describe a topic, by an admin client of its own. Confluent's client (2.x) cannot read the answer about a partition without
/// in-sync replicas, as while a broker stops: it then destroys its handle, and whoever waits for it would wait for ever. So each
/// request has an end, and a client that did not answer is replaced.
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
        IAdminClient admin = Admin();
        try
        {
            var described = await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = timeout }).WaitAsync(timeout + AnswerDelayMax, time);
            return described.TopicDescriptions[0];
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
        "Kafka at {Address}: a description of the topic could not be read, as while a partition has no in-sync replica; asking by a new client.")]
    private partial void Unreadable(string address);
}
