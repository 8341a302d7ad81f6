using System.Collections.Concurrent;
using Confluent.Kafka;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <summary>
/// Makes the calls of one transactional producer that wait for Kafka: retriable errors are tried again within a limit, and a call that
/// does not return is given up. One user.
/// </summary>
/// <remarks>
/// librdkafka's <c>SendOffsetsToTransaction</c> does not keep to its timeout (github.com/confluentinc/librdkafka/issues/5456): after a
/// crash of the broker it was seen not to return at all. Others have none. So the calls are made on a thread of their own. One that is
/// given up keeps its thread and its client until it returns, since a client must not be disposed of during a call. What becomes of its
/// transaction is Kafka's to decide; the next producer begins at offsets that are decided.
/// </remarks>
internal sealed class TransactionCalls : IDisposable
{
    /// <summary>The timeout of each call: between calls is looked at the limit, and at whether the process is to end.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ReportAfter = 2 * CallTimeout;

    /// <summary>A call of <see cref="CallTimeout"/> will not return any more; the answer of a slow broker has come by then.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(2);

    private readonly IDisposable _producer;
    private readonly KafkaClients _clients;
    private readonly TopicStatus _status;
    private readonly TimeSpan _stopLimit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly BlockingCollection<Action> _calls = [];
    private readonly ManualResetEventSlim _pause = new(); // never set: a thread of its own may wait
    private bool _hangs;

    /// <param name="producer">Disposed of at the end, or when the call that was given up returns.</param>
    /// <param name="clients">For the words of errors.</param>
    /// <param name="status">Gets what is waited for.</param>
    /// <param name="stopLimit">How long a call goes on when the process is to end.</param>
    /// <param name="time">Measures limits.</param>
    /// <param name="logger">Gets what is waited for, once a call.</param>
    /// <param name="stop">The process is to end.</param>
    public TransactionCalls(
        IDisposable producer, KafkaClients clients, TopicStatus status, TimeSpan stopLimit, TimeProvider time, ILogger logger,
        CancellationToken stop)
    {
        (_producer, _clients, _status, _stopLimit, _time, _logger, _stop) = (producer, clients, status, stopLimit, time, logger, stop);
        new Thread(Work) { IsBackground = true, Name = "Kafka transactions" }.Start();
    }

    /// <summary>Makes a call until it succeeds, or its limit is over.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="call">Takes <see cref="CallTimeout"/> at most, if librdkafka keeps to it.</param>
    /// <param name="limit">How long it is repeated.</param>
    /// <param name="endsAtStop">It is of no more use when the process is to end.</param>
    /// <exception cref="KafkaException">The transaction has to be aborted.</exception>
    /// <exception cref="TransactionsLostException">This producer cannot go on.</exception>
    /// <exception cref="OperationCanceledException">The process is to end.</exception>
    public void Make(string step, Action call, TimeSpan limit, bool endsAtStop = false)
    {
        if (_hangs)
            throw new TransactionsLostException(new Error(ErrorCode.Local_TimedOut));
        var wait = new Waiting(step, limit, endsAtStop ? TimeSpan.Zero : _stopLimit, _time.GetTimestamp());
        while (true)
        {
            try
            {
                Run(call, wait, endsAtStop);
                return;
            }
            catch (KafkaRetriableException e)
            {
                if (IsOver(wait))
                    throw Over(e.Error, endsAtStop);
                Report(wait, e.Error);
                Pause();
            }
            catch (KafkaException e) when (e is not KafkaTxnRequiresAbortException && IsFatal(e.Error))
            {
                throw new TransactionsLostException(e.Error);
            }
        }
    }

    /// <summary>Waits a moment before something is tried again.</summary>
    public void Pause() => _pause.Wait(RetryPause, CancellationToken.None);

    /// <summary>Disposes of the producer; does not wait for one whose call was given up.</summary>
    public void Dispose()
    {
        if (_calls.IsAddingCompleted)
            return;
        var disposed = Add(_producer.Dispose);
        _calls.CompleteAdding();
        if (!_hangs)
            Task.WaitAny([disposed], DisposeLimit);
        _pause.Dispose();
    }

    private static bool IsFatal(Error error) => error.IsFatal || error.Code is ErrorCode.Local_Fatal or ErrorCode.Local_Fenced;

    private void Work()
    {
        foreach (Action call in _calls.GetConsumingEnumerable())
            call();
    }

    private Task Add(Action call)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(() =>
        {
            try
            {
                call();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    private void Run(Action call, Waiting wait, bool endsAtStop)
    {
        Task done = Add(call);
        long start = _time.GetTimestamp();
        while (Task.WaitAny([done], Look) < 0)
        {
            var elapsed = _time.GetElapsedTime(start);
            if (elapsed < ReportAfter)
                continue;
            var error = new Error(ErrorCode.Local_TimedOut);
            Report(wait, error);
            if (elapsed < GiveUpAfter && !IsOver(wait))
                continue;
            _hangs = true;
            Log.TransactionCallHangs(_logger, wait.Step, (long)elapsed.TotalSeconds);
            throw Over(error, endsAtStop);
        }

        done.GetAwaiter().GetResult();
    }

    private bool IsOver(Waiting wait)
    {
        if (wait.StoppedAt is null && _stop.IsCancellationRequested)
            wait.StoppedAt = _time.GetTimestamp();
        return _time.GetElapsedTime(wait.Start) >= wait.Limit || wait.StoppedAt is { } at && _time.GetElapsedTime(at) >= wait.StopLimit;
    }

    private Exception Over(Error error, bool endsAtStop) => endsAtStop && _stop.IsCancellationRequested
        ? new OperationCanceledException(_stop)
        : new TransactionsLostException(error);

    private void Report(Waiting wait, Error error)
    {
        var reason = _clients.Reason(error);
        // Right after an abort a broker refuses for a moment, which is no reason, and must not replace the one that was.
        if (_time.GetElapsedTime(wait.Start) >= ReportAfter)
            _status.UnhealthyReason = reason.Public;
        if (!wait.IsLogged)
            Log.TransactionWaits(_logger, _clients.Servers, wait.Step, reason.Detailed);
        wait.IsLogged = true;
    }

    private sealed class Waiting(string step, TimeSpan limit, TimeSpan stopLimit, long start)
    {
        public string Step => step;

        public TimeSpan Limit => limit;

        public TimeSpan StopLimit => stopLimit;

        public long Start => start;

        public long? StoppedAt { get; set; }

        public bool IsLogged { get; set; }
    }
}
