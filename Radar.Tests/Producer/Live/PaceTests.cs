using Microsoft.Extensions.Time.Testing;
using Radar.Producer.Live;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Live;

public sealed class PaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Turns_keep_their_distance_and_their_order()
    {
        using var pace = new Pace(TimeSpan.FromSeconds(1), _time);
        await pace.WaitAsync(default);
        var (second, third) = (pace.WaitAsync(default), pace.WaitAsync(default));

        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await second.WaitAsync(Wait.Limit);
        Assert.False(third.IsCompleted);
        await UntilAsync(third);
    }

    [Fact]
    public async Task Pause_holds_those_too_who_wait_already_and_they_do_not_come_all_at_once()
    {
        using var pace = new Pace(TimeSpan.FromSeconds(1), _time);
        await pace.WaitAsync(default);
        var start = _time.GetUtcNow();
        Task[] turns = [pace.WaitAsync(default), pace.WaitAsync(default)];

        pace.Pause(TimeSpan.FromSeconds(60));

        await UntilAsync(turns[0]);
        Assert.True(_time.GetUtcNow() - start >= TimeSpan.FromSeconds(60), $"after {_time.GetUtcNow() - start}");
        await UntilAsync(turns[1]);
        Assert.True(_time.GetUtcNow() - start >= TimeSpan.FromSeconds(61), $"after {_time.GetUtcNow() - start}");
    }

    [Fact]
    public async Task Turn_that_is_cancelled_does_not_block_others()
    {
        using var pace = new Pace(TimeSpan.FromSeconds(1), _time);
        using var cancelled = new CancellationTokenSource();
        await pace.WaitAsync(default);
        var (second, third) = (pace.WaitAsync(cancelled.Token), pace.WaitAsync(default));

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(Wait.Limit));
        await UntilAsync(third);
    }

    private Task UntilAsync(Task turn) => Wait.UntilAsync(
        () =>
        {
            if (!turn.IsCompleted)
                _time.Advance(TimeSpan.FromSeconds(1));
            return turn.IsCompleted;
        },
        "a turn");
}
