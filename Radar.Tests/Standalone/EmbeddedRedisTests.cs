using System.Globalization;
using System.Net.Sockets;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Standalone;

public sealed class EmbeddedRedisTests : IAsyncLifetime
{
    private readonly EmbeddedRedis server = EmbeddedRedis.Start();
    private ConnectionMultiplexer connection = null!;

    public async Task InitializeAsync() => connection = await PatientRedis.ConnectAsync(server.Address);

    public async Task DisposeAsync()
    {
        await connection.DisposeAsync();
        server.Dispose();
    }

    [Fact]
    public async Task Script_writes_several_types_and_its_message_reaches_a_subscriber()
    {
        var received = new TaskCompletionSource<string?>();
        await connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal("changes"), (_, message) => received.TrySetResult(message));
        const string script = """
            redis.call('HSET', KEYS[1], 'position', ARGV[1])
            redis.call('RPUSH', KEYS[2], 'a', 'b', 'c')
            redis.call('LTRIM', KEYS[2], -2, -1)
            redis.call('PUBLISH', 'changes', ARGV[1])
            return redis.call('HGET', KEYS[1], 'position')
            """;

        var answer = await connection.GetDatabase().ScriptEvaluateAsync(script, ["{p}h", "{p}l"], ["17"]);

        Assert.Equal("17", answer.ToString());
        Assert.Equal(["b", "c"], (await connection.GetDatabase().ListRangeAsync("{p}l")).Select(value => value.ToString()));
        Assert.Equal("17", await received.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Transaction_answers_all_its_reads()
    {
        var database = connection.GetDatabase();
        await database.StringSetAsync("{p}a", "1");
        await database.SortedSetAddAsync("{p}z", "bar", 5);

        var transaction = database.CreateTransaction();
        var text = transaction.StringGetAsync("{p}a");
        var members = transaction.SortedSetRangeByScoreAsync("{p}z", 5, 5);

        Assert.True(await transaction.ExecuteAsync());
        Assert.Equal("1", await text);
        Assert.Equal("bar", Assert.Single(await members));
    }

    [Fact]
    public void Port_that_is_taken_is_reported_as_a_socket_error()
    {
        int port = int.Parse(server.Address.Split(':')[1], CultureInfo.InvariantCulture);

        var error = Assert.Throws<SocketException>(() => EmbeddedRedis.Start(port));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }
}
