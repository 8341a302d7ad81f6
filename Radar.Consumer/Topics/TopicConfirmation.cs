using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Consumer.Topics;

/// <summary>
/// Confirms which topic records are of. A topic's id never comes back, so a request that begins after records were received, and whose
/// answer names the id of the topic that a processor has opened, proves that these records are of that topic. Requests are numbered: a
/// record that was received when <c>n</c> had begun is proven by the answer of each later one. At most one request is in flight; all
/// processors that ask meanwhile share the one after it. A request costs this process about 0.5 ms of CPU and the broker as much.
/// </summary>
internal sealed partial class TopicConfirmation(
    Func<Task<TopicIdentity>> ask, KafkaClients clients, IOptions<KafkaOptions> kafka, TimeProvider time, ILogger<TopicConfirmation> logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Between requests: 100 a second take 5 % of a core, and a record waits 5 ms longer on average.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>The same where only batches of a backlog wait: 20 a second take 1 % of a core.</summary>
    private static readonly TimeSpan BacklogInterval = TimeSpan.FromMilliseconds(50);

    private readonly ThrottledLog _noAnswerLog = new(time, TimeSpan.FromSeconds(30));
    private readonly Lock _gate = new();
    private TaskCompletionSource<TopicIdentity>? _next; // not begun yet
    private bool _isBacklog = true; // all that wait for the next one
    private bool _isAsking;
    private long? _beganAt; // the last one
    private int _begun;
    private volatile Answer _answer = new(0, default);

    /// <summary>How many requests have begun. Records bear it, read after they were received.</summary>
    public int Begun => Volatile.Read(ref _begun);

    /// <summary>False where no answer could name another topic: the broker has no ids, or the identity is configured.</summary>
    /// <param name="opened">What the processor has opened.</param>
    public bool IsNeeded(TopicIdentity opened) => opened.Id is not null && kafka.Value.TopicIdentity is null;

    /// <summary>
    /// A record is proven to be of the opened topic where fewer requests than this had begun when it was received; 0 where the last
    /// answer names another topic, or there is none yet.
    /// </summary>
    /// <param name="opened">What the processor has opened.</param>
    public int ProvenBelow(TopicIdentity opened) => _answer is var answer && opened.Matches(answer.Identity) ? answer.Request : 0;

    /// <summary>What the topic is, by a request that begins after this call. Asks until Kafka answers.</summary>
    /// <param name="isBacklog">The records are of a backlog: a later request will do.</param>
    public Task<TopicIdentity> AskAsync(bool isBacklog = false)
    {
        lock (_gate)
        {
            _isBacklog &= isBacklog;
            _next ??= new TaskCompletionSource<TopicIdentity>(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<TopicIdentity> answer = _next.Task;
            if (!_isAsking)
            {
                _isAsking = true;
                _ = AnswerAllAsync();
            }

            return answer;
        }
    }

    private async Task AnswerAllAsync()
    {
        while (true)
        {
            TaskCompletionSource<TopicIdentity> request;
            TimeSpan wait;
            lock (_gate)
            {
                if (_next is null)
                {
                    _isAsking = false;
                    return;
                }

                request = _next;
                wait = Wait();
                if (wait <= TimeSpan.Zero)
                {
                    (_next, _isBacklog, _beganAt) = (null, true, time.GetTimestamp());
                    Volatile.Write(ref _begun, _begun + 1);
                }
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time);
                continue;
            }

            try
            {
                TopicIdentity identity = await UntilAnsweredAsync();
                _answer = new Answer(_begun, identity);
                request.SetResult(identity);
            }
            catch (Exception e)
            {
                request.SetException(e); // those that wait report it
            }
        }
    }

    /// <summary>How long to wait before looking again: zero where the next request is due.</summary>
    private TimeSpan Wait()
    {
        if (_beganAt is not { } beganAt)
            return TimeSpan.Zero;
        TimeSpan passed = time.GetElapsedTime(beganAt);
        TimeSpan wait = passed < Interval ? Interval - passed : _isBacklog && passed < BacklogInterval ? Interval : TimeSpan.Zero;
        return TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)); // timers have no parts of it
    }

    private async Task<TopicIdentity> UntilAnsweredAsync()
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (KafkaException e)
            {
                if (_noAnswerLog.IsDue(out _))
                    NoAnswer(clients.Servers, kafka.Value.Topic, clients.Reason(e.Error).Detailed);
            }

            await Task.Delay(RetryPause, time);
        }
    }

    [LoggerMessage(23, LogLevel.Warning,
        "Kafka at {Address} does not confirm that topic {Topic} is still the same ({Reason}); nothing is written until it does.")]
    private partial void NoAnswer(string address, string topic, string reason);

    private sealed record Answer(int Request, TopicIdentity Identity);
}
