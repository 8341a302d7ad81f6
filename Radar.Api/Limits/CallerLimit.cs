namespace Radar.Api.Limits;

/// <summary>
/// One caller's part of its budget in this process. Requests are admitted from units that were leased from Redis beforehand, and, up to
/// <see cref="Budget.Credit"/> and its share, from those that Redis will have by all that is known here; so no request waits for Redis.
/// While Redis does not answer, the process goes on with its share.
/// </summary>
/// <param name="budget">Of the caller, over all replicas.</param>
/// <param name="time">The clock.</param>
internal sealed class CallerLimit(Budget budget, TimeProvider time)
{
    /// <summary>Redis counts as away where a lease takes longer.</summary>
    private static readonly TimeSpan LeaseLimit = TimeSpan.FromMilliseconds(300);

    /// <summary>Pause between two leases while Redis does not answer.</summary>
    private const double AskAgainSeconds = 0.5;

    /// <summary>Pause between two leases of a budget that is used up.</summary>
    private const double EmptySeconds = 0.02;

    private readonly Lock _gate = new();
    private double _units; // here; less than 0 is spent and not yet taken off the budget
    private double _left = budget.Burst; // in Redis, when it was asked last
    private double _spentAway; // while Redis was away
    private long _answeredAt = time.GetTimestamp();
    private long _filledAt;
    private long? _askedAt;
    private bool _isAway;

    public Budget Budget => budget;

    /// <summary>True where forgetting it changes nothing: whatever was spent is there again.</summary>
    public bool IsIdle(TimeSpan atLeast)
    {
        lock (_gate)
        {
            double full = (budget.Burst - Math.Min(_left + Math.Min(_units, 0), 0)) / budget.PerSecond;
            return _askedAt is null && Seconds(_answeredAt) > atLeast.TotalSeconds + full;
        }
    }

    /// <summary>Lets a request in.</summary>
    /// <param name="cost">Units.</param>
    /// <param name="replicas">Processes that share the budget, this one too.</param>
    /// <param name="wantsLease">True where <see cref="BeginLease"/> should follow.</param>
    public bool TryTake(double cost, int replicas, out bool wantsLease)
    {
        lock (_gate)
        {
            if (!_isAway && _askedAt is { } asked && time.GetElapsedTime(asked) > LeaseLimit)
                GoAway(replicas);
            if (_isAway)
                Fill(replicas);
            bool isIn = _units >= cost || (!_isAway && IsCredited(cost, replicas));
            if (isIn)
                Take(cost);
            wantsLease = _askedAt is null && _units < budget.Lease / 2 && Seconds(_answeredAt) >= (
                _isAway ? AskAgainSeconds : Expected() >= budget.Lease / 4 ? 0 : EmptySeconds);
            return isIn;
        }
    }

    /// <summary>Takes what an answer costs beyond its request; what is not there now is missing later.</summary>
    public void Charge(double cost)
    {
        lock (_gate)
            Take(cost);
    }

    /// <summary>Units that a caller has, and the time until it has all of its burst.</summary>
    public (int Units, TimeSpan Full) Remaining()
    {
        lock (_gate)
        {
            double units = Math.Clamp(_units + (_isAway ? 0 : Expected()), 0, budget.Burst);
            return ((int)units, TimeSpan.FromSeconds((budget.Burst - units) / budget.PerSecond));
        }
    }

    /// <summary>The time after which units for a request are there.</summary>
    public TimeSpan Wait(double cost, int replicas)
    {
        lock (_gate)
        {
            double missing = cost - (_units + (_isAway ? 0 : Expected()));
            return TimeSpan.FromSeconds(Math.Max(0, missing) / (_isAway ? budget.PerSecond / replicas : budget.PerSecond));
        }
    }

    /// <summary>What to ask Redis for; null where it is being asked.</summary>
    public (double Spent, double Wanted)? BeginLease()
    {
        lock (_gate)
        {
            if (_askedAt is not null)
                return null;
            _askedAt = time.GetTimestamp();
            return _isAway ? (_spentAway, budget.Lease) : (Math.Max(0, -_units), budget.Lease);
        }
    }

    /// <summary>Redis has answered.</summary>
    /// <param name="spent">What it has taken off.</param>
    /// <param name="leased">What it gave.</param>
    /// <param name="left">What it has left.</param>
    public void EndLease(double spent, double leased, double left)
    {
        lock (_gate)
        {
            _units = leased + (_isAway ? spent - _spentAway : _units + spent);
            (_isAway, _spentAway, _askedAt) = (false, 0, null);
            (_left, _answeredAt) = (left, time.GetTimestamp());
        }
    }

    /// <summary>Redis does not answer.</summary>
    public void FailLease(int replicas)
    {
        lock (_gate)
        {
            if (!_isAway)
                GoAway(replicas);
            (_askedAt, _answeredAt) = (null, time.GetTimestamp());
        }
    }

    private void Take(double cost)
    {
        _units -= cost;
        if (_isAway)
            _spentAway = Math.Min(budget.Burst, _spentAway + cost);
    }

    /// <summary>Whether a request is let in before its units are leased: the first in any case, further ones within the share, so that
    /// replicas that are asked all at once let in together what there is.</summary>
    private bool IsCredited(double cost, int replicas)
    {
        double expected = Expected();
        return expected + _units >= cost
            && (_units >= 0 || cost - _units <= Math.Min(budget.Credit, expected / replicas));
    }

    /// <summary>Units that Redis has by now, if no other process has asked for any since.</summary>
    private double Expected() => Math.Min(budget.Burst, _left + (Seconds(_answeredAt) * budget.PerSecond));

    private void GoAway(int replicas)
    {
        _isAway = true;
        _spentAway = Math.Max(0, -_units);
        _units = Math.Clamp(_units + Math.Max(0, Expected() / replicas), 0, budget.Burst / replicas);
        _filledAt = time.GetTimestamp();
    }

    private void Fill(int replicas)
    {
        _units = Math.Min(budget.Burst / replicas, _units + (Seconds(_filledAt) * budget.PerSecond / replicas));
        _filledAt = time.GetTimestamp();
    }

    private double Seconds(long since) => time.GetElapsedTime(since).TotalSeconds;
}
