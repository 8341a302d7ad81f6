using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>Budgets, processes and tickets in Redis.</summary>
public abstract class LimitRecordsContractTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);
    private static int _callers;

    private readonly string _caller = $"caller {Interlocked.Increment(ref _callers)}";

    protected abstract IConnectionMultiplexer Redis { get; }

    private LimitRecords Records => new(Redis);

    [ContractFact]
    public async Task Burst_is_leased_and_then_nothing_until_time_has_passed()
    {
        Assert.Equal((60, 40), await LeaseAsync(wanted: 60));
        Assert.Equal((40, 0), await LeaseAsync(wanted: 60));
        Assert.Equal((0, 0.5), await LeaseAsync(wanted: 60, seconds: 0.05));
        Assert.Equal((10, 0), await LeaseAsync(wanted: 60, seconds: 1));
        Assert.Equal((60, 40), await LeaseAsync(wanted: 60, seconds: 1000));
    }

    [ContractFact]
    public async Task What_was_spent_without_a_lease_is_taken_off_below_0()
    {
        Assert.Equal((0, -30), await LeaseAsync(spent: 130, wanted: 10));
        Assert.Equal((0, -20), await LeaseAsync(wanted: 10, seconds: 1));
        Assert.Equal((5, 5), await LeaseAsync(wanted: 5, seconds: 4));
    }

    [ContractFact]
    public async Task Clock_that_is_behind_gives_nothing_twice()
    {
        await LeaseAsync(wanted: 100, seconds: 10);
        Assert.Equal((0, 0), await LeaseAsync(wanted: 10, seconds: 5));
        Assert.Equal((10, 0), await LeaseAsync(wanted: 10, seconds: 11));
    }

    [ContractFact]
    public async Task Budget_is_forgotten_when_it_is_full_again()
    {
        await LeaseAsync(wanted: 50);

        var left = await Redis.GetDatabase().KeyTimeToLiveAsync("radar:limit:" + _caller);

        Assert.InRange(left!.Value.TotalSeconds, 1, 6); // 50 of 10 a second, and one more
    }

    [ContractFact]
    public async Task Processes_are_counted_while_they_say_that_they_run()
    {
        var name = new LimitRecords(Redis, "n" + Guid.NewGuid().ToString("N")[..8]);
        var lifetime = TimeSpan.FromSeconds(8);
        Assert.Equal(1, await name.CountReplicasAsync("a", Now, lifetime));
        Assert.Equal(2, await name.CountReplicasAsync("b", Now.AddSeconds(5), lifetime));
        Assert.Equal(2, await name.CountReplicasAsync("b", Now.AddSeconds(7), lifetime));
        Assert.Equal(1, await name.CountReplicasAsync("b", Now.AddSeconds(9), lifetime));
    }

    [ContractFact]
    public async Task Ticket_is_taken_once_and_ends_by_itself()
    {
        var tickets = new TicketRecords(Redis);
        await tickets.AddAsync(_caller, "record", TimeSpan.FromMinutes(1));

        Assert.Equal("record", await tickets.TakeAsync(_caller));
        Assert.Null(await tickets.TakeAsync(_caller));
        await tickets.AddAsync(_caller, "record", TimeSpan.FromMilliseconds(1));
        await Wait.UntilAsync(async () => !await Redis.GetDatabase().KeyExistsAsync("radar:ticket:" + _caller), "the ticket ends");
    }

    /// <summary>Of 10 a second and a burst of 100.</summary>
    private async Task<(double, double)> LeaseAsync(double wanted, double spent = 0, double seconds = 0) =>
        await Records.LeaseAsync(_caller, perSecond: 10, burst: 100, spent, wanted, Now.AddSeconds(seconds));
}

/// <summary>On the embedded Garnet.</summary>
public sealed class LimitRecordsOnGarnetTests(StoreOnGarnetTests.Server server)
    : LimitRecordsContractTests, IClassFixture<StoreOnGarnetTests.Server>
{
    protected override IConnectionMultiplexer Redis => server.Client;
}

/// <summary>On <c>redis-server</c> (or <c>valkey-server</c>).</summary>
public sealed class LimitRecordsOnRedisTests(RedisOnPath server) : LimitRecordsContractTests, IClassFixture<RedisOnPath>
{
    protected override IConnectionMultiplexer Redis => server.Client;
}
