using Microsoft.Extensions.Time.Testing;
using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer.Polling;

public sealed class InboxOverflowTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly PollingSignals _signals = new();
    private readonly Inbox _inbox;
    private readonly InboxOverflow _overflow;

    public InboxOverflowTests()
    {
        _inbox = new Inbox(recordsMax: 3, bytesMax: 1_000, _signals);
        _overflow = new InboxOverflow(_inbox, recordsMax: 2, bytesMax: 1_000, _time);
    }

    public void Dispose() => _signals.Dispose();

    [Fact]
    public void Events_overflow_where_the_inbox_is_full_and_follow_in_order()
    {
        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(Put));
        Assert.Equal(2, _overflow.Count);
        Assert.True(_overflow.IsFull);
        Assert.Equal([0], Take(1));
        Assert.False(Put(5)); // although the inbox has room: others come first

        _overflow.Drain();
        Assert.Equal([1, 2, 3], Take(3));
        _overflow.Drain();

        Assert.Equal([4, 5], Take(10));
        Assert.Equal(0, _overflow.Count);
        Assert.True(Put(6));
    }

    [Fact]
    public void Overflow_is_full_by_bytes_long_before_its_records_are_counted()
    {
        var overflow = new InboxOverflow(_inbox, recordsMax: 100, bytesMax: 1_000, _time);
        overflow.Put(Record(0, 5_000)); // one record fits in any case
        overflow.Put(Record(1, 999));
        Assert.False(overflow.IsFull);
        overflow.Put(Record(2, 1));
        Assert.True(overflow.IsFull);

        Assert.Equal([0], Take(1));
        overflow.Drain();

        Assert.False(overflow.IsFull);
    }

    [Fact]
    public void Overflow_is_stuck_since_its_inbox_last_accepted_something()
    {
        for (int i = 0; i < 4; i++)
            Put(i);
        _time.Advance(TimeSpan.FromSeconds(1));
        Put(4); // does not move what waits
        _overflow.Drain();
        Assert.Equal(TimeSpan.FromSeconds(1), _overflow.StuckFor);

        Take(1);
        _overflow.Drain();
        Assert.Equal(TimeSpan.Zero, _overflow.StuckFor);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), _overflow.StuckFor);

        Take(3);
        _overflow.Drain();
        Assert.Equal(TimeSpan.Zero, _overflow.StuckFor); // nothing waits
    }

    [Fact]
    public async Task Processor_that_finds_its_inbox_empty_signals_that_there_is_room()
    {
        Put(0);
        Take(1);
        Assert.False(_signals.HasEmptied); // there may be more
        Take(1);
        Assert.True(_signals.HasEmptied);
        _signals.ResetEmptied();

        Task waiting = _inbox.WaitAsync(CancellationToken.None).AsTask();
        Assert.True(_signals.HasEmptied);
        Put(1);
        await waiting;
    }

    /// <summary>A processor that reads as the consumer's does, and a polling thread that drains when it is signalled.</summary>
    [Fact]
    public async Task Nothing_is_lost_or_reordered_between_two_threads()
    {
        const int Count = 100_000;
        var received = new List<long>();
        var processor = Task.Run(async () =>
        {
            while (received.Count < Count)
            {
                await _inbox.WaitAsync(CancellationToken.None);
                while (_inbox.TryTake(out PartitionEvent next))
                    received.Add(next.Offset);
            }
        });
        using var limit = new CancellationTokenSource(Wait.Limit);
        for (int i = 0; i < Count || _overflow.Count > 0;)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (_overflow.IsFull || i == Count)
                _signals.WaitForEmptied(TimeSpan.FromMilliseconds(5));
            if (_signals.HasEmptied)
            {
                _signals.ResetEmptied();
                _overflow.Drain();
            }

            if (!_overflow.IsFull && i < Count)
                Put(i++);
        }

        await processor.WaitAsync(limit.Token);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), received);
    }

    private static PartitionEvent Record(long offset, int bytes) => PartitionEvent.Record(
        new()
        {
            Topic = "t",
            Offset = offset,
            Message = new() { Key = default, Value = new RecordBytes(new byte[bytes], 0, bytes) },
        },
        requestsBegun: 0);

    private bool Put(int offset) => _overflow.Put(Record(offset, 10));

    private List<long> Take(int max)
    {
        var taken = new List<long>();
        while (taken.Count < max && _inbox.TryTake(out PartitionEvent next))
            taken.Add(next.Offset);
        return taken;
    }
}
