namespace Radar.ServiceDefaults;

/// <summary>
/// Finds the record at which a partition fails unexpectedly, and gives up on it after <see cref="TriesMax"/> failures.
/// A failed batch does not show which of its records it was, so until the partition has passed that batch, every batch is one record.
/// One user. A new owner of the partition counts from zero.
/// </summary>
public sealed class RecordFailures
{
    /// <summary>Failures after which a record goes to the dead letters.</summary>
    public const int TriesMax = 3;

    private long _offset = -1;
    private int _tries;
    private string? _reason;

    /// <summary>Records up to this offset are tried one by one; -1 where none failed.</summary>
    public long Through { get; private set; } = -1;

    /// <summary>How many records the next batch may have.</summary>
    public int BatchRecordsMax(long next, int otherwise) => next <= Through ? 1 : otherwise;

    /// <summary>Why a record goes to the dead letters unread; null where it is to be read.</summary>
    public string? GivenUp(long offset) => offset == _offset ? _reason : null;

    /// <summary>One record failed.</summary>
    /// <returns>How often it has by now.</returns>
    public int Failed(long offset, string errorType)
    {
        if (offset != _offset)
            (_offset, _tries, _reason) = (offset, 0, null);
        _tries++;
        if (_tries >= TriesMax)
            _reason = errorType;
        Through = Math.Max(Through, offset);
        return _tries;
    }

    /// <summary>A batch failed that ends with the record at <paramref name="last"/>; which record it was is not known.</summary>
    public void BatchFailed(long last) => Through = Math.Max(Through, last);

    /// <summary>The type of an exception as a dead letter's reason.</summary>
    public static string TypeOf(Exception e) => e is AggregateException { InnerExceptions: [var only] } ? TypeOf(only) : e.GetType().Name;
}
