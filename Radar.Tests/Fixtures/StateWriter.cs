using System.Reflection;
using Radar.Market;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Tests.Fixtures;

/// <summary>
/// Writes ticks into the state in Redis as a consumer does. The messages of its changes can be held back, and sent later or never.
/// </summary>
internal sealed class StateWriter
{
    public const int Partitions = 3;

    private readonly IConnectionMultiplexer _redis;
    private readonly TopicIdentity _identity;
    private readonly PartitionProjection[] _projections;
    private readonly Channel _channel;

    public StateWriter(IConnectionMultiplexer redis, string epoch = RedisKeys.FirstEpoch, string? topicId = null, int tradesRetained = 1000)
    {
        _redis = redis;
        _identity = new TopicIdentity("market-ticks", topicId, Partitions);
        IDatabase database = DispatchProxy.Create<IDatabase, Channel>();
        _channel = (Channel)(object)database;
        _channel.Target = redis.GetDatabase();
        _projections = [.. Enumerable.Range(0, Partitions).Select(partition =>
            new PartitionProjection(database, new RedisKeys(epoch, partition), new ProjectionOptions { TradesRetained = tradesRetained }))];
    }

    /// <summary>While true, changes are written but their messages are kept here.</summary>
    public bool HoldsMessages
    {
        get => _channel.Holds;
        set => _channel.Holds = value;
    }

    /// <summary>Kafka timestamp of the records that are applied, Unix ms.</summary>
    public long RecordMs { get; set; }

    /// <summary>Messages that were held back, in order.</summary>
    public List<(string Channel, byte[] Message)> Held => _channel.Held;

    /// <summary>Empties Redis; its client needs <c>allowAdmin</c>.</summary>
    public static async Task FlushAsync(IConnectionMultiplexer redis) => await redis.GetDatabase().ExecuteAsync("FLUSHALL");

    /// <summary>Gives every partition a position, as a consumer does that finds the topic empty.</summary>
    public async Task<StateWriter> BeginAsync()
    {
        for (int partition = 0; partition < Partitions; partition++)
            await ApplyAsync(partition);
        return this;
    }

    /// <summary>Writes one change.</summary>
    /// <returns>The position after it.</returns>
    public Task<long> ApplyAsync(int partition, params Tick[] ticks) => ApplyAsync(partition, ticks, null);

    /// <inheritdoc cref="ApplyAsync(int, Tick[])"/>
    public async Task<long> ApplyAsync(int partition, Tick[] ticks, string? traceParent)
    {
        var projection = _projections[partition];
        if (projection.Position is null)
            await projection.OpenAsync();
        long offset = projection.Position?.Offset ?? 0;
        foreach (Tick tick in ticks)
            projection.Add(new AppliedTick(tick, offset++, traceParent));
        Assert.True((await projection.WriteAsync(new PartitionPosition(offset, _identity, RecordMs))).Applied);
        return offset;
    }

    public async Task SendAsync((string Channel, byte[] Message) held) =>
        await _redis.GetSubscriber().PublishAsync(RedisChannel.Literal(held.Channel), held.Message);

    /// <summary>A database whose scripts publish into nothing while asked to.</summary>
    public class Channel : DispatchProxy
    {
        internal IDatabase Target { get; set; } = null!;

        internal bool Holds { get; set; }

        internal List<(string Channel, byte[] Message)> Held { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (Holds && targetMethod!.Name == nameof(IDatabase.ScriptEvaluateAsync) && args![2] is RedisValue[] values)
            {
                Held.Add(((string)values[0]!, ((ReadOnlyMemory<byte>)values[2]).ToArray()));
                args[2] = (RedisValue[])["nobody", .. values[1..]];
            }

            return targetMethod!.CallOn(Target, args);
        }
    }
}
