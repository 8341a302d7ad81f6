using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>A Redis user without some right: it is named before anything is written, since a script does not roll back.</summary>
public sealed class RedisRightsTests(RedisOnPath server) : IClassFixture<RedisOnPath>
{
    private static readonly TopicIdentity Topic = new("market-ticks", "id-1", 1);
    private static int _epochs;

    private readonly RedisKeys _keys = new($"t{Interlocked.Increment(ref _epochs)}", 0);

    [RequiresTheory(Need.RedisServer)]
    [InlineData("resetchannels", "This user may not PUBLISH on the channel radar:{")]
    [InlineData("-publish", "This user may not PUBLISH on the channel radar:{")]
    [InlineData("-rpush", "This user may not RPUSH keys such as radar:{")]
    [InlineData("-ltrim", "This user may not LTRIM keys")]
    [InlineData("-hset", "This user may not HSET keys")]
    [InlineData("-hlen", "This user may not HLEN keys")]
    [InlineData("-zadd", "This user may not ZADD keys")]
    [InlineData("-zremrangebyscore", "This user may not ZREMRANGEBYSCORE keys")]
    [InlineData("-zrevrange", "NOPERM this user has no permissions to run the 'zrevrange' command")]
    [InlineData("resetkeys %R~radar:*", "NOPERM")]
    [InlineData("-eval", "NOPERM")]
    [InlineData("-hmget", "NOPERM")]
    public async Task Right_that_is_missing_is_named_before_the_first_write_and_before_a_later_one(string without, string expected)
    {
        await WriteAsync(await WithoutAsync(""), 1);
        string before = await DumpAsync();
        Assert.DoesNotContain("probe", before, StringComparison.Ordinal);

        var error = await Assert.ThrowsAnyAsync<RedisException>(async () => await WriteAsync(await WithoutAsync(without), 2));

        Assert.Contains(expected, RedisRightsException.Explain(error)!.Detailed, StringComparison.Ordinal);
        Assert.Contains("ACL SETUSER", RedisRightsException.Explain(error)!.Detailed, StringComparison.Ordinal);
        Assert.Equal(before, await DumpAsync());

        await WriteAsync(await WithoutAsync(""), 2);
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Right_that_is_taken_away_while_a_writer_runs_stops_it_and_it_goes_on_when_it_is_back()
    {
        var projection = await WriteAsync(await WithoutAsync(""), 1);
        await GrantAsync("resetchannels");
        await Assert.ThrowsAnyAsync<RedisException>(() => AddAsync(projection, 2)); // the position shows whether that was written
        await projection.OpenAsync();
        string before = await DumpAsync();

        await Assert.ThrowsAsync<RedisRightsException>(() => AddAsync(projection, 3));
        Assert.Equal(before, await DumpAsync());

        await GrantAsync("&radar:*");
        await projection.OpenAsync();
        await AddAsync(projection, 3);
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Channel_that_is_allowed_by_its_own_name_is_enough() =>
        await WriteAsync(await WithoutAsync($"resetchannels &{_keys.Changes}"), 1);

    [RequiresFact(Need.RedisServer)]
    public async Task Rights_that_the_mend_names_are_enough()
    {
        await GrantAsync("reset on >secret "
            + RedisRightsException.Mend[(RedisRightsException.Mend.IndexOf("<user>", StringComparison.Ordinal) + 7)..].TrimEnd('.'));
        await using var user = await ConnectAsync();

        await WriteAsync(user, 1);
        await WriteAsync(user, 2);
        Assert.NotNull(await new MarketReader(user).FindAsync(_keys, "A"));
        await user.GetSubscriber().SubscribeAsync(RedisChannel.Literal(_keys.Changes), (_, _) => { });
        Assert.Contains("maxmemory_policy", (string?)await user.GetServers()[0].ExecuteAsync("INFO", "memory"), StringComparison.Ordinal);
    }

    [RequiresFact(Need.RedisServer)]
    public async Task The_same_rights_are_enough_for_what_the_API_keeps()
    {
        await GrantAsync("reset on >secret "
            + RedisRightsException.Mend[(RedisRightsException.Mend.IndexOf("<user>", StringComparison.Ordinal) + 7)..].TrimEnd('.'));
        await using var user = await ConnectAsync();
        var now = DateTimeOffset.UnixEpoch.AddYears(56);

        Assert.True(await new ApiKeyRecords(user, "rights").TryReplaceAsync("0123456789ab", before: null, "{}"));
        new SessionKeyRecords(user, "rights").Add("key");
        Assert.Equal(["key"], new SessionKeyRecords(user, "rights").Read());
        await new TicketRecords(user, "rights").AddAsync("hash", "record", TimeSpan.FromMinutes(1));
        Assert.Equal("record", await new TicketRecords(user, "rights").TakeAsync("hash"));
        Assert.Equal((5, 5), await new LimitRecords(user, "rights").LeaseAsync("caller", 1, burst: 10, spent: 0, wanted: 5, now));
        Assert.Equal(1, await new LimitRecords(user, "rights").CountReplicasAsync("a", now, TimeSpan.FromMinutes(1)));
    }

    private async Task<ConnectionMultiplexer> WithoutAsync(string rules)
    {
        await GrantAsync("reset on >secret ~radar:* &radar:* +@all " + rules);
        return await ConnectAsync();
    }

    private Task<ConnectionMultiplexer> ConnectAsync() =>
        PatientRedis.ConnectAsync(server.Address + ",user=writer,password=secret,allowAdmin=true");

    private async Task GrantAsync(string rules) =>
        await server.Client.GetDatabase().ExecuteAsync(
            "ACL", ["SETUSER", "writer", .. rules.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    private async Task<PartitionProjection> WriteAsync(ConnectionMultiplexer user, long offset)
    {
        var projection = new PartitionProjection(user.GetDatabase(), _keys, new ProjectionOptions());
        await projection.OpenAsync();
        await AddAsync(projection, offset);
        return projection;
    }

    private static async Task AddAsync(PartitionProjection projection, long offset) =>
        Assert.True(
            (
                await projection.ApplyAsync(new[] { new AppliedTick(
                    new Tick("A", offset, 1_723_204_800_000), offset - 1) }, new PartitionPosition(offset, Topic, 0))).Applied);

    private Task<string> DumpAsync() => RedisDump.OfAsync(server.Client, $"radar:{{{_keys.Epoch}.*");
}
