using System.Collections;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>Records as they are stored, in the order in which they were read; see <see cref="StoredRecord"/>.</summary>
/// <param name="values">What Redis answered.</param>
public readonly struct StoredRecords(RedisValue[] values) : IReadOnlyList<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public int Count => values?.Length ?? 0;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> this[int index] => values[index];

    /// <inheritdoc/>
    public IEnumerator<ReadOnlyMemory<byte>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
