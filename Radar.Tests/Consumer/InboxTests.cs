using Radar.Consumer;

namespace Radar.Tests.Consumer;

public sealed class InboxTests
{
    [Fact]
    public async Task What_is_put_back_is_taken_next_and_only_once()
    {
        var inbox = new Inbox(recordsMax: 10, bytesMax: 1_000);
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
