using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Radar.Producer;
using Radar.Producer.Topics;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

public sealed class TransactionCallsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly LinesLogger<TransactionCalls> _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _returns = new();
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly Client _client = new();
    private readonly TopicStatus _status;
    private readonly TransactionCalls _calls;

    public TransactionCallsTests()
    {
        _status = new TopicStatus(_time, new SymbolVenues(NullLogger<SymbolVenues>.Instance)) { UnhealthyReason = null };
        _calls = new TransactionCalls(
            _client, new KafkaClients("nowhere:1", _services), _status, TimeSpan.Zero, _time, _log, _stop.Token);
    }

    public void Dispose()
    {
        _returns.Set();
        _calls.Dispose();
        _services.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Call_that_does_not_return_is_reported_and_given_up_and_its_client_lives_until_it_does()
    {
        Task made = Task.Run(() => _calls.Make("Commit", _returns.Wait, Limit));
        await PassesAsync(() => made.IsCompleted);

        await Assert.ThrowsAsync<TransactionsLostException>(() => made);
        Assert.Equal("no answer in time", _status.UnhealthyReason);
        Assert.Single(_log.Lines, "Warning: Kafka at nowhere:1 does not answer (Commit: no answer in time); the transaction waits.");
        Assert.Single(_log.Lines, line => line.StartsWith("Error: Commit has not returned", StringComparison.Ordinal));
        Assert.Throws<TransactionsLostException>(() => _calls.Make("Abort", () => { }, Limit));
        _calls.Dispose();
        Assert.False(_client.IsDisposed.Task.IsCompleted);
        _returns.Set();
        await _client.IsDisposed.Task.WaitAsync(Wait.Limit);
    }

    [Fact]
    public async Task Call_that_does_not_return_is_given_up_when_the_process_ends()
    {
        Task made = Task.Run(() => _calls.Make("Commit", _returns.Wait, TimeSpan.FromHours(1)));
        await _stop.CancelAsync();
        await PassesAsync(() => made.IsCompleted, Limit);

        await Assert.ThrowsAsync<TransactionsLostException>(() => made);
    }

    [Fact]
    public async Task Retriable_error_is_reported_and_tried_again_until_the_limit()
    {
        int calls = 0;
        Task made = Task.Run(() => _calls.Make("Commit", () => Fail(ref calls), Limit));
        await PassesAsync(() => made.IsCompleted);

        var lost = await Assert.ThrowsAsync<TransactionsLostException>(() => made);
        Assert.Equal(ErrorCode.NotCoordinatorForGroup, lost.Error.Code);
        Assert.NotNull(_status.UnhealthyReason);
        Assert.True(calls > 1);

        static void Fail(ref int calls)
        {
            Interlocked.Increment(ref calls);
            throw new KafkaRetriableException(new Error(ErrorCode.NotCoordinatorForGroup));
        }
    }

    [Fact]
    public void Retriable_error_that_passes_leaves_the_reason_that_there_was()
    {
        _status.UnhealthyReason = "too large";
        int calls = 0;

        _calls.Make("SendOffsets", () => Fail(ref calls), Limit);

        Assert.Equal(("too large", 2), (_status.UnhealthyReason, calls));

        static void Fail(ref int calls)
        {
            if (++calls == 1)
                throw new KafkaRetriableException(new Error(ErrorCode.ConcurrentTransactions));
        }
    }

    [Fact]
    public void Call_that_ends_at_stop_is_not_tried_again_then()
    {
        int calls = 0;

        Assert.Throws<OperationCanceledException>(() => _calls.Make("Init", Fail, Limit, endsAtStop: true));
        Assert.Equal(1, calls);

        void Fail()
        {
            calls++;
            _stop.Cancel();
            throw new KafkaRetriableException(new Error(ErrorCode.Local_TimedOut));
        }
    }

    /// <summary>Lets time pass, at most <paramref name="most"/>, until something holds.</summary>
    private Task PassesAsync(Func<bool> condition, TimeSpan? most = null) => Wait.UntilAsync(
        () =>
        {
            if (most is null || _time.GetUtcNow() - _time.Start < most)
                _time.Advance(TimeSpan.FromMilliseconds(500));
            return condition();
        },
        "the call ends");

    private sealed class Client : IDisposable
    {
        public TaskCompletionSource IsDisposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => IsDisposed.TrySetResult();
    }
}
