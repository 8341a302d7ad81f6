using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Api.Limits;

/// <summary>The limits of all callers of this process, and what keeps them in step with Redis.</summary>
internal sealed partial class CallerLimits(
    LimitRecords records, IOptions<LimitOptions> options, IOptions<AuthOptions> auth, LimitMetrics metrics, TimeProvider time,
    ILogger<CallerLimits> logger) : BackgroundService
{
    /// <summary>Callers that are kept apart; those beyond share one budget.</summary>
    private const int CallersMax = 100_000;

    private const string Others = "others";
    private const int UnitsPerSecondOfKnown = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReplicaLifetime = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, CallerLimit> _limits = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<KeyLimits, Budget?> _budgets = [];
    private readonly Lazy<Budget?> _usual = new(() => // not before the options are checked
        Budget.Of(options.Value.UnitsPerSecond ?? (auth.Value.IsOn ? UnitsPerSecondOfKnown : 0), options.Value.Burst));

    private readonly string _replica = Guid.NewGuid().ToString("N");
    private volatile int _replicas = 1;
    private bool _isAway;

    /// <summary>Processes that share the budgets, this one too, as far as is known.</summary>
    public int Replicas => _replicas;

    /// <summary>False where nobody can have a limit.</summary>
    public bool IsOn => _usual.Value is not null || auth.Value.TakesKeys;

    /// <summary>What a caller gets; null is no limit.</summary>
    /// <param name="own">Limits of its key.</param>
    public Budget? BudgetOf(KeyLimits? own) => own is null ? _usual.Value : _budgets.GetOrAdd(own, Merge);

    /// <summary>The limit of a caller.</summary>
    /// <param name="caller">Key, token or address.</param>
    /// <param name="budget">What it gets; where that has changed, it begins with a full burst.</param>
    public CallerLimit Of(string caller, Budget budget)
    {
        if (_limits.TryGetValue(caller, out var known) && known.Budget == budget)
            return known;
        if (_limits.Count >= CallersMax && known is null)
            caller = Others;
        return _limits.AddOrUpdate(
            caller, _ => new CallerLimit(budget, time), (_, same) => same.Budget == budget ? same : new CallerLimit(budget, time));
    }

    /// <summary>Lets a request in, and leases more where that runs short.</summary>
    public bool TryTake(string caller, CallerLimit limit, double cost)
    {
        bool isIn = limit.TryTake(cost, Replicas, out bool wantsLease);
        if (wantsLease && limit.BeginLease() is var (spent, wanted))
            _ = LeaseAsync(caller, limit, spent, wanted);
        if (!isIn)
            metrics.Limited();
        return isIn;
    }

    /// <summary>Counts the processes that share the budgets, and forgets callers that have not asked for long.</summary>
    public async Task RefreshAsync()
    {
        foreach (var (caller, limit) in _limits)
        {
            if (limit.IsIdle(Pause))
                _limits.TryRemove(KeyValuePair.Create(caller, limit));
        }

        _replicas = Math.Max(1, await records.CountReplicasAsync(_replica, time.GetUtcNow(), ReplicaLifetime));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync();
            }
            catch (Exception e) when (StoreFaults.IsAway(e))
            {
                // Reported where a lease fails; the processes that were counted last still share.
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Budget? Merge(KeyLimits own) =>
        own.UnitsPerSecond is null && own.Burst is null ? _usual.Value
        : Budget.Of(own.UnitsPerSecond ?? (int)(_usual.Value?.PerSecond ?? 0), own.Burst ?? options.Value.Burst);

    private async Task LeaseAsync(string caller, CallerLimit limit, double spent, double wanted)
    {
        try
        {
            var (leased, left) = await records.LeaseAsync(
                caller, limit.Budget.PerSecond, limit.Budget.Burst, spent, wanted, time.GetUtcNow());
            limit.EndLease(spent, leased, left);
            if (_isAway)
                Back();
            _isAway = false;
        }
        catch (Exception e)
        {
            limit.FailLease(Replicas);
            if (!_isAway)
                Away(RedisFault.Of(e).Detailed, Replicas);
            _isAway = true;
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Limits are not shared now, each of {Replicas} API processes goes on with its part. Redis: {Reason}")]
    private partial void Away(string reason, int replicas);

    [LoggerMessage(2, LogLevel.Information, "Redis answers: limits are shared again.")]
    private partial void Back();
}
