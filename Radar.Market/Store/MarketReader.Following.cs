using System.Diagnostics;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <content>What those who follow the state ask of the connection.</content>
public sealed partial class MarketReader
{
    /// <summary>Calls <paramref name="receive"/> with every change of a partition from now on, one at a time.</summary>
    /// <param name="keys">Epoch and partition.</param>
    /// <param name="receive">Gets what <see cref="ChangeReader"/> reads.</param>
    /// <returns>Ends the subscription when it is disposed of.</returns>
    public async Task<IAsyncDisposable> SubscribeAsync(RedisKeys keys, Action<ReadOnlyMemory<byte>> receive)
    {
        var queue = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(keys.Changes));
        queue.OnMessage(message => receive(message.Message));
        return new Subscription(queue);
    }

    /// <summary>Calls <paramref name="lost"/> whenever a connection to Redis is lost.</summary>
    /// <returns>Ends the calls when it is disposed of.</returns>
    public IDisposable OnConnectionLost(Action lost) => new ConnectionWatch(redis, lost);

    /// <summary>Spans of this state's reads.</summary>
    public RedisSpans SpansOf(ActivitySource source) => new(source, redis);

    /// <summary>Starts a span of a read, with the server that it goes to. Null without a listener.</summary>
    /// <param name="spans">Of <see cref="SpansOf"/>.</param>
    /// <param name="operation">The Redis command.</param>
    /// <param name="keys">The partition that is read; null where the read begins with the epoch that is served.</param>
    public Activity? StartSpan(RedisSpans spans, string operation, RedisKeys? keys)
    {
        Activity? span = spans.Start(operation);
        if (span is { IsAllDataRequested: true })
            spans.ServerOf(keys?.Position ?? ActiveEpoch)?.Tag(span);
        return span;
    }

    private sealed class Subscription(ChannelMessageQueue queue) : IAsyncDisposable
    {
        /// <summary>A connection that is lost has no subscription any more.</summary>
        public async ValueTask DisposeAsync() =>
            await queue.UnsubscribeAsync().ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private sealed class ConnectionWatch : IDisposable
    {
        private readonly IConnectionMultiplexer _redis;
        private readonly EventHandler<ConnectionFailedEventArgs> _handler;

        public ConnectionWatch(IConnectionMultiplexer redis, Action lost)
        {
            _redis = redis;
            _handler = (_, _) => lost();
            _redis.ConnectionFailed += _handler;
        }

        public void Dispose() => _redis.ConnectionFailed -= _handler;
    }
}
