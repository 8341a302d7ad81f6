using Radar.Consumer.Partitions;

namespace Radar.Tests.Consumer.Partitions;

public sealed class InboxTests
{
    [Fact]
    public async Task Event_that_is_put_back_is_taken_next_and_only_once()
    {
        using var signals = new PollingSignals();
        var inbox = new Inbox(recordsMax: 10, bytesMax: 1_000, signals);
        Assert.True(inbox.TryPut(PartitionEvent.End(1)));
        Assert.True(inbox.TryTake(out PartitionEvent first));
        inbox.PutBack(first);
        await inbox.WaitAsync(CancellationToken.None); // although nobody puts anything in
        Assert.True(inbox.TryPut(PartitionEvent.End(2)));

        Assert.True(inbox.TryPeek(out PartitionEvent next));
        Assert.Equal(1, next.Offset);
        Assert.True(inbox.TryTake(out next));
        Assert.Equal(1, next.Offset);
        Assert.True(inbox.TryTake(out next));
        Assert.Equal(2, next.Offset);
        Assert.False(inbox.TryTake(out _));
    }
}
