using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class BackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(10);

    [Fact]
    public void Wait_doubles_with_each_failure_up_to_the_limit_and_restarts_after_success()
    {
        var backoff = new Backoff(First, Max);

        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(_ => backoff.Next().TotalSeconds));
        backoff.Reset();
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }

    [Fact]
    public void Wait_is_anything_below_its_limit_where_it_is_random()
    {
        var random = new Queue<double>([0.25, 0, 0.75]);
        var backoff = new Backoff(First, Max, random.Dequeue);

        Assert.Equal([250, 0, 3_000], Enumerable.Range(0, 3).Select(_ => backoff.Next().TotalMilliseconds));
    }

    [Fact]
    public void Limit_holds_however_many_failures_there_are()
    {
        var backoff = new Backoff(First, Max);

        for (int i = 0; i < 4; i++)
            backoff.Next();

        Assert.All(Enumerable.Range(0, 5_000), _ => Assert.Equal(Max, backoff.Next()));
    }
}
