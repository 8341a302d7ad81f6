using System.Reflection;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Api.Board;

/// <summary>A Redis whose transactions are sent when the test lets them; everything else goes through.</summary>
public class HeldRedis : DispatchProxy
{
    private IConnectionMultiplexer _redis = null!;
    private TaskCompletionSource _free = Freed();
    private int _waiting;
    private int _waitedMost;
    private int _asked;
    private int _audits;

    /// <summary>Transactions that wait to be sent.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The most that ever waited at once.</summary>
    public int WaitedMost => Volatile.Read(ref _waitedMost);

    /// <summary>Audits that have begun: they ask for the epoch.</summary>
    public int Audits => Volatile.Read(ref _audits);

    /// <summary>Transactions until now.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static (IConnectionMultiplexer Redis, HeldRedis Hold) Of(IConnectionMultiplexer redis)
    {
        var proxy = Create<IConnectionMultiplexer, HeldRedis>();
        var hold = (HeldRedis)(object)proxy;
        hold._redis = redis;
        return (proxy, hold);
    }

    /// <summary>From here on transactions wait.</summary>
    public void Hold() => _free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets go what waits, and what comes.</summary>
    public void Release() => _free.TrySetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IConnectionMultiplexer.GetDatabase)
            ? Database.Of((IDatabase)targetMethod.CallOn(_redis, args)!, this)
            : targetMethod.CallOn(_redis, args);

    private static TaskCompletionSource Freed()
    {
        var free = new TaskCompletionSource();
        free.SetResult();
        return free;
    }

    private async Task<bool> ExecuteAsync(ITransaction transaction)
    {
        Interlocked.Increment(ref _asked);
        int waiting = Interlocked.Increment(ref _waiting), most = Volatile.Read(ref _waitedMost);
        while (waiting > most)
            most = Interlocked.CompareExchange(ref _waitedMost, waiting, most) is var found && found == most ? waiting : found;
        await _free.Task;
        Interlocked.Decrement(ref _waiting);
        return await transaction.ExecuteAsync();
    }

    /// <summary>Its transactions are <see cref="Transaction"/>.</summary>
    public class Database : DispatchProxy
    {
        private IDatabase _database = null!;
        private HeldRedis _hold = null!;

        internal static IDatabase Of(IDatabase database, HeldRedis hold)
        {
            var proxy = Create<IDatabase, Database>();
            ((Database)(object)proxy)._database = database;
            ((Database)(object)proxy)._hold = hold;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IDatabase.StringGetAsync))
                Interlocked.Increment(ref _hold._audits);
            object? answer = targetMethod.CallOn(_database, args);
            return answer is ITransaction transaction ? Transaction.Of(transaction, _hold) : answer;
        }
    }

    /// <summary>Waits before it is sent.</summary>
    public class Transaction : DispatchProxy
    {
        private ITransaction _transaction = null!;
        private HeldRedis _hold = null!;

        internal static ITransaction Of(ITransaction transaction, HeldRedis hold)
        {
            var proxy = Create<ITransaction, Transaction>();
            ((Transaction)(object)proxy)._transaction = transaction;
            ((Transaction)(object)proxy)._hold = hold;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ITransaction.ExecuteAsync) ? _hold.ExecuteAsync(_transaction)
                : targetMethod.CallOn(_transaction, args);
    }
}
