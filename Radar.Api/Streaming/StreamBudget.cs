namespace Radar.Api.Streaming;

/// <summary>
/// Bytes that wait for the clients of all streams of this process: what one client alone holds and what several share, once. It is not
/// what a process uses, but what grows with clients that do not read.
/// </summary>
/// <param name="bytesMax">
/// At most so many (<see cref="ApiOptions.StreamWaitingBytesMax"/>); one item alone may be larger, or no client would get it.
/// </param>
internal sealed class StreamBudget(long bytesMax)
{
    private long _held;

    /// <summary>For clients that need none.</summary>
    public static StreamBudget Unlimited { get; } = new(long.MaxValue);

    public long Held => Interlocked.Read(ref _held);

    public bool IsFull => Held >= bytesMax;

    /// <summary>Adds to what waits, unless that is too much.</summary>
    public bool TryHold(long bytes)
    {
        long after = Interlocked.Add(ref _held, bytes);
        if (after <= bytesMax || after == bytes)
            return true;
        Release(bytes);
        return false;
    }

    /// <summary>Adds what is there already.</summary>
    public void Hold(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Takes away what was added.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _held, -bytes);
}

/// <summary>Bytes that several clients share: they count from the first holder until the last has let go.</summary>
internal abstract class SharedBytes
{
    private int _holders;

    /// <summary>About how many.</summary>
    protected abstract long Size { get; }

    /// <summary>One more holder.</summary>
    public void Hold(StreamBudget budget)
    {
        if (Interlocked.Increment(ref _holders) == 1)
            budget.Hold(Size);
    }

    /// <summary>One holder less.</summary>
    public void Release(StreamBudget budget)
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            budget.Release(Size);
    }
}

/// <summary>What waits for all streams together is too much, and this client would add to it. It comes back later.</summary>
internal sealed class StreamBudgetException() : Exception(Detail)
{
    public const string Detail =
        "As much waits for the clients of streams of this API process as may (Api:StreamWaitingBytesMax), since some of them "
        + "read too slowly. Try again later.";
}
