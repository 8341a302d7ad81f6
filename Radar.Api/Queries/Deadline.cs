using Microsoft.Extensions.Options;

namespace Radar.Api.Queries;

/// <summary>
/// How long one request may wait for Redis and Kafka, in all. The time begins with the first wait: what comes before that is memory only.
/// </summary>
internal sealed class Deadline(int limitMs, TimeProvider time)
{
    /// <summary>Waits as long as an answer takes.</summary>
    public static readonly Deadline None = new(Timeout.Infinite, TimeProvider.System);

    private long? _began;

    /// <summary>The rest of the request's time, from 0 on.</summary>
    public TimeSpan Left
    {
        get
        {
            _began ??= time.GetTimestamp();
            var left = TimeSpan.FromMilliseconds(limitMs) - time.GetElapsedTime(_began.Value);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Waits for an answer. One that comes too late is dropped.</summary>
    /// <param name="answer">What is waited for.</param>
    /// <param name="from">Who has to answer.</param>
    /// <exception cref="DeadlineException">The request's time is up.</exception>
    public async Task<T> WithinAsync<T>(Task<T> answer, string from = DeadlineException.Redis)
    {
        if (limitMs == Timeout.Infinite || answer.IsCompleted)
            return await answer;
        try
        {
            return await answer.WaitAsync(Left, time);
        }
        catch (TimeoutException) when (!answer.IsCompleted)
        {
            throw new DeadlineException(from, limitMs);
        }
    }
}

/// <summary>Gives each request its deadline, see <see cref="ApiOptions.RequestDeadlineMs"/>.</summary>
internal sealed class RequestDeadline(IOptions<ApiOptions> options, TimeProvider time)
{
    /// <summary>The deadline of a new request.</summary>
    public Deadline Begin() => new(options.Value.RequestDeadlineMs, time);
}

/// <summary>The time of a request is up.</summary>
internal sealed class DeadlineException(string from, int deadlineMs)
    : TimeoutException($"{from} did not answer within {deadlineMs} ms, the time of a request (Api:RequestDeadlineMs). Try again.")
{
    public const string Redis = "Redis";

    /// <summary>True where only Redis was asked.</summary>
    public bool IsRedis => from == Redis;
}
