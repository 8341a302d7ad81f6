using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>Budgets, processes and tickets in Redis.</summary>
public abstract class LimitRecordsContractTests
{
    private static int _callers;

    private readonly string _caller = $"caller {Interlocked.Increment(ref _callers)}";

    protected abstract IConnectionMultiplexer Redis { get; }

    private LimitRecords Records => new(Redis);

    [ContractFact]
    public async Task Burst_is_leased_and_then_nothing_until_time_has_passed()
    {
        Assert.Equal((60, 40), await Records.LeaseAsync(_caller, perSecond: 0.001, burst: 100, spent: 0, wanted: 60));
        var (leased, left) = await Records.LeaseAsync(_caller, 0.001, 100, spent: 0, wanted: 60);
        Assert.Equal((40, 0), (leased, Math.Round(left)));
        Assert.Equal(0, (await Records.LeaseAsync(_caller, 0.001, 100, 0, 60)).Leased);
    }

    [ContractFact]
    public async Task What_was_spent_without_a_lease_is_taken_off_below_0()
    {
        var (leased, left) = await Records.LeaseAsync(_caller, perSecond: 0.001, burst: 100, spent: 130, wanted: 10);

        Assert.Equal((0, -30), (leased, Math.Round(left)));
    }

    [ContractFact]
    public async Task Budget_fills_by_time_up_to_the_burst_and_is_forgotten_when_it_is_full()
    {
        await Records.LeaseAsync(_caller, perSecond: 1_000_000, burst: 100, spent: 100, wanted: 0);

        await Wait.UntilAsync(
            async () => await Records.LeaseAsync(_caller, 1_000_000, 100, 0, 500) is (100, 0), "the budget is full again");

        var ttl = await Redis.GetDatabase().KeyTimeToLiveAsync("radar:limit:" + _caller);
        Assert.InRange(ttl!.Value.TotalSeconds, 0.001, 2);
    }

    [ContractFact]
    public async Task Processes_are_counted_while_they_say_that_they_run()
    {
        var name = new LimitRecords(Redis, "n" + Guid.NewGuid().ToString("N")[..8]);
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        Assert.Equal(1, await name.CountReplicasAsync("a", now, TimeSpan.FromSeconds(8)));
        Assert.Equal(2, await name.CountReplicasAsync("b", now.AddSeconds(5), TimeSpan.FromSeconds(8)));
        Assert.Equal(2, await name.CountReplicasAsync("b", now.AddSeconds(7), TimeSpan.FromSeconds(8)));
        Assert.Equal(1, await name.CountReplicasAsync("b", now.AddSeconds(9), TimeSpan.FromSeconds(8)));
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
