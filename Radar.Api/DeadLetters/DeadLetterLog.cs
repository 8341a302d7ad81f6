using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Api.Freshness;
using Radar.ServiceDefaults;

namespace Radar.Api.DeadLetters;

/// <summary>What the dead-letter topic holds: counts by reason, and the newest page by page. Any thread; one question at a time.</summary>
internal sealed class DeadLetterLog : IDisposable
{
    /// <summary>How many of the newest records are counted that were there before this process.</summary>
    private const int CountedAtFirst = 10_000;

    private readonly TopicEnds _topic;
    private readonly DeadLetterReader _headers;
    private readonly DeadLetterReader _records;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private DeadLetterTally _tally = new();
    private long[] _counted = []; // per partition, up to which offset

    public DeadLetterLog(
        KafkaClients clients, [FromKeyedServices(DeadLetterServices.TopicKey)] TopicEnds topic, IOptions<ApiOptions> options,
        TimeProvider time)
    {
        var timeout = TimeSpan.FromMilliseconds(options.Value.KafkaTimeoutMs);
        _topic = topic;
        _headers = new DeadLetterReader(clients, "headers,timestamp", timeout, time);
        _records = new DeadLetterReader(clients, "all", timeout, time);
    }

    /// <summary>The topic's name.</summary>
    public string Topic => _topic.Topic;

    /// <summary>What the last count found; null before the first, and where it failed.</summary>
    public DeadLetterCounts? Latest { get; private set; }

    /// <summary>
    /// Counts what came since the last count. Where there is no topic, or Kafka does not show it to this service, there is none.
    /// </summary>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<DeadLetterCounts> CountAsync(CancellationToken cancellationToken) => AloneAsync(CountAsync, cancellationToken);

    /// <summary>The same, with the newest or those before an earlier page's end.</summary>
    /// <param name="limit">Most records.</param>
    /// <param name="before">Where the page before ended, per partition; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait for others.</param>
    /// <exception cref="KafkaException">Kafka does not answer.</exception>
    public Task<(DeadLetterCounts Counts, DeadLetterPage Page)> ReadAsync(
        int limit, IReadOnlyList<long>? before, CancellationToken cancellationToken) =>
        AloneAsync(async bounds => (await CountAsync(bounds), await NewestAsync(bounds, limit, before)), cancellationToken);

    public void Dispose()
    {
        _headers.Dispose();
        _records.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task<T> AloneAsync<T>(Func<Bounds, Task<T>> ask, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            Latest = null;
            int partitions = await _topic.PartitionsAsync();
            return await ask(partitions == 0
                ? new Bounds([], [])
                : new Bounds(await _topic.StartsAsync(partitions), await _topic.ReadableEndsAsync(partitions)));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<DeadLetterCounts> CountAsync(Bounds bounds)
    {
        var (starts, ends) = bounds;
        if (ends.Length < _counted.Length || _counted.Zip(ends).Any(static of => of.First > of.Second))
            (_tally, _counted) = (new DeadLetterTally(), []); // another topic has the name now
        long share = CountedAtFirst / Math.Max(1, ends.Length);
        _counted = [.. ends.Select((end, partition) =>
            Math.Max(starts[partition], partition < _counted.Length ? _counted[partition] : end - share))];

        bool all = await _headers.ReadAsync(
            Topic, [.. ends.Select((end, partition) => new Stretch(partition, _counted[partition], end))],
            record =>
            {
                _tally.Add(StoredDeadLetter.ReasonOf(record.Message.Headers), record.Message.Timestamp.UnixTimestampMs);
                _counted[record.Partition.Value] = record.Offset.Value + 1;
            });
        if (all)
            _counted = ends;
        return Latest = _tally.Of(ends.Zip(starts).Sum(static of => of.First - of.Second));
    }

    private async Task<DeadLetterPage> NewestAsync(Bounds bounds, int limit, IReadOnlyList<long>? before)
    {
        var (starts, ends) = bounds;
        long[] ending = [.. ends.Select((end, partition) =>
            Math.Max(starts[partition], before is not null && partition < before.Count ? Math.Min(before[partition], end) : end))];
        var read = ends.Select(static _ => new List<StoredDeadLetter>()).ToArray();
        long[] from = [.. ending];

        // Offsets of markers and of what was compacted have no record: then it is read further back.
        for (long span = limit + 1; ; span *= 4)
        {
            var stretches = new List<Stretch>();
            for (int partition = 0; partition < ends.Length; partition++)
            {
                if (read[partition].Count > limit || from[partition] == starts[partition])
                    continue;
                long earlier = Math.Max(starts[partition], from[partition] - span);
                stretches.Add(new Stretch(partition, earlier, from[partition]));
                from[partition] = earlier;
            }

            if (stretches.Count == 0)
                return DeadLetterPage.Of(read, ending, limit);
            var earlierOnes = ends.Select(static _ => new List<StoredDeadLetter>()).ToArray();
            if (!await _records.ReadAsync(Topic, stretches, record => earlierOnes[record.Partition.Value].Add(StoredDeadLetter.Of(record))))
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"{Topic} was not read in time."));
            foreach (var (later, earlier) in read.Zip(earlierOnes))
                later.InsertRange(0, earlier);
        }
    }

    /// <summary>Per partition, the offset of the first record and the one after the last that can be read.</summary>
    private readonly record struct Bounds(long[] Starts, long[] Ends);
}
