using Microsoft.Extensions.Options;

namespace Radar.Api.Queries;

/// <summary>
/// How long a request may wait for Redis and Kafka, in all (<see cref="ApiOptions.RequestDeadlineMs"/>). The time begins with the first
/// wait: what comes before that is memory only, and answers from memory pay nothing for it.
/// </summary>
internal sealed class RequestDeadline(IOptions<ApiOptions> options, TimeProvider time)
{
    private static readonly object Key = new();

    private readonly TimeSpan _limit = TimeSpan.FromMilliseconds(options.Value.RequestDeadlineMs);

    /// <summary>What is left of the request's time, from 0 on.</summary>
    public TimeSpan Left(HttpContext request)
    {
        if (!request.Items.TryGetValue(Key, out object? began))
            request.Items[Key] = began = time.GetTimestamp();
        var left = _limit - time.GetElapsedTime((long)began!);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Waits for an answer. One that comes too late is dropped.</summary>
    /// <param name="request">Whose time it takes; null waits as long as that takes.</param>
    /// <param name="answer">What is waited for.</param>
    /// <param name="from">Who has to answer.</param>
    /// <exception cref="DeadlineException">The request's time is up.</exception>
    public async Task<T> WithinAsync<T>(HttpContext? request, Task<T> answer, string from = DeadlineException.Redis)
    {
        if (request is null || answer.IsCompleted)
            return await answer;
        try
        {
            return await answer.WaitAsync(Left(request), time);
        }
        catch (TimeoutException) when (!answer.IsCompleted)
        {
            throw new DeadlineException(from, options.Value.RequestDeadlineMs);
        }
    }
}

/// <summary>The time of a request is up.</summary>
internal sealed class DeadlineException(string from, int deadlineMs)
    : TimeoutException($"{from} did not answer within {deadlineMs} ms, the time of a request (Api:RequestDeadlineMs). Try again.")
{
    public const string Redis = "Redis";

    /// <summary>True where nobody but Redis was asked.</summary>
    public bool IsRedis => from == Redis;
}
