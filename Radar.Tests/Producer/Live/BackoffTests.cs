using Radar.Producer.Live;

namespace Radar.Tests.Producer.Live;

public sealed class BackoffTests
{
    [Fact]
    public void Wait_doubles_with_each_failure_up_to_the_limit_and_begins_again_after_success()
    {
        var backoff = new Backoff(1_000, 10_000, () => 1);

        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(_ => backoff.Next().TotalSeconds));
        backoff.Reset();
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }

    [Fact]
    public void Wait_is_anything_below_its_limit()
    {
        var random = new Queue<double>([0.25, 0, 0.75]);
        var backoff = new Backoff(1_000, 10_000, random.Dequeue);

        Assert.Equal([250, 0, 3_000], Enumerable.Range(0, 3).Select(_ => backoff.Next().TotalMilliseconds));
    }
}
