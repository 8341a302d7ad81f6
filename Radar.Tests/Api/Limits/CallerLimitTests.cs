using Microsoft.Extensions.Time.Testing;
using Radar.Api.Limits;

namespace Radar.Tests.Api.Limits;

/// <summary>What a process admits between two answers of Redis, and without any.</summary>
public sealed class CallerLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SharedBudget _redis;

    public CallerLimitTests() => _redis = new SharedBudget(_time);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Replicas_together_admit_the_burst_and_then_the_rate(int replicas)
    {
        var budget = Budget.Of(200, 800)!;
        var limits = Enumerable.Range(0, replicas).Select(_ => new CallerLimit(budget, _time)).ToArray();

        int first = Admit(limits, seconds: 1);
        Assert.InRange(first, 0.9 * (800 + 200), 1.1 * (800 + 200));

        int later = Admit(limits, seconds: 10);
        Assert.InRange(later, 0.9 * 2000, 1.1 * 2000);
    }

    [Fact]
    public void One_busy_replica_gets_what_the_others_leave()
    {
        var budget = Budget.Of(200, 400)!;
        var limits = new[] { new CallerLimit(budget, _time), new CallerLimit(budget, _time) };
        Admit(limits, seconds: 3);

        Assert.InRange(Admit([limits[0]], seconds: 10), 0.9 * 2000, 1.1 * 2000);
    }

    [Theory]
    [InlineData(2, 10)]
    [InlineData(2, 40)]
    [InlineData(3, 40)]
    [InlineData(2, 60)]
    public void Replicas_that_are_asked_before_any_lease_is_answered_admit_a_small_burst_together(int replicas, int burst)
    {
        var budget = Budget.Of(1, burst)!;
        var limits = Enumerable.Range(0, replicas).Select(_ => new CallerLimit(budget, _time)).ToArray();

        int admitted = limits.Sum(limit => Enumerable.Range(0, burst).Count(_ => limit.TryTake(1, replicas, out bool _)));

        Assert.InRange(admitted, 0.9 * burst, 1.1 * burst);
    }

    [Fact]
    public void Dearest_request_is_admitted_though_it_is_more_than_the_share()
    {
        var limit = new CallerLimit(Budget.Of(1, 10)!, _time);

        Assert.True(limit.TryTake(10, 4, out _));
        Assert.False(limit.TryTake(1, 4, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_Redis_each_replica_goes_on_with_its_share(bool hangs)
    {
        var budget = Budget.Of(200, 400)!;
        var limits = new[] { new CallerLimit(budget, _time), new CallerLimit(budget, _time) };
        Admit(limits, seconds: 3);
        (_redis.IsAway, _redis.Hangs) = (true, hangs);
        Admit(limits, seconds: 2);

        Assert.InRange(Admit(limits, seconds: 10), 0.9 * 2000, 1.1 * 2000);

        (_redis.IsAway, _redis.Hangs) = (false, false);
        Admit(limits, seconds: 3);
        Assert.InRange(Admit(limits, seconds: 10), 0.9 * 2000, 1.1 * 2000);
    }

    [Fact]
    public void Caller_that_comes_back_after_a_pause_is_let_in_at_once()
    {
        var limit = new CallerLimit(Budget.Of(10, 20)!, _time);
        Admit([limit], seconds: 10);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.True(limit.TryTake(10, 1, out _));
    }

    [Fact]
    public void Dear_answer_is_missing_later()
    {
        var limit = new CallerLimit(Budget.Of(100, 100)!, _time);
        Assert.True(Take(limit, 1));
        limit.Charge(299);

        Assert.False(Take(limit, 1));
        Assert.InRange(limit.Wait(1, 1).TotalSeconds, 1.9, 2.2);
        Assert.Equal(0, limit.Remaining().Units);

        _time.Advance(TimeSpan.FromSeconds(2.1));
        Assert.True(Take(limit, 1));
    }

    [Fact]
    public void Lease_that_is_answered_late_counts_what_was_admitted_meanwhile()
    {
        var limit = new CallerLimit(Budget.Of(100, 100)!, _time);
        Assert.True(limit.TryTake(10, 1, out bool wants));
        Assert.True(wants);
        var (spent, wanted) = limit.BeginLease()!.Value;
        Assert.Null(limit.BeginLease());
        _time.Advance(TimeSpan.FromSeconds(1)); // Redis counts as away, and the process has its share
        int admitted = 0;
        while (limit.TryTake(1, 1, out _))
            admitted++;

        var (leased, left) = _redis.Lease(limit.Budget, spent, wanted);
        limit.EndLease(spent, leased, left);

        Assert.InRange(admitted, 80, 101);
        Assert.InRange(limit.Remaining().Units, 0, 25);
    }

    /// <summary>Asks of each in turn as much as it admits, at 2,000 requests a second.</summary>
    private int Admit(CallerLimit[] limits, double seconds)
    {
        int admitted = 0;
        for (int request = 0; request < seconds * 2000; request++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(0.5));
            if (Take(limits[request % limits.Length], 1, limits.Length))
                admitted++;
        }

        return admitted;
    }

    private bool Take(CallerLimit limit, double cost, int replicas = 1)
    {
        bool isIn = limit.TryTake(cost, replicas, out bool wants);
        if (wants && limit.BeginLease() is var (spent, wanted) && !_redis.Hangs)
        {
            if (_redis.IsAway)
            {
                limit.FailLease(replicas);
            }
            else
            {
                var (leased, left) = _redis.Lease(limit.Budget, spent, wanted);
                limit.EndLease(spent, leased, left);
            }
        }

        return isIn;
    }

    /// <summary>What <c>lease.lua</c> does.</summary>
    private sealed class SharedBudget(TimeProvider time)
    {
        private double? _units;
        private long _at = time.GetTimestamp();

        public bool IsAway { get; set; }

        public bool Hangs { get; set; }

        public (double Leased, double Left) Lease(Budget budget, double spent, double wanted)
        {
            double units = Math.Min(budget.Burst, (_units ?? budget.Burst) + (time.GetElapsedTime(_at).TotalSeconds * budget.PerSecond));
            _at = time.GetTimestamp();
            double leased = Math.Clamp(Math.Floor(units - spent), 0, wanted);
            _units = units - spent - leased;
            return (leased, _units.Value);
        }
    }
}
