using Radar.Consumer.Partitions;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer.Partitions;

public sealed class OutboxTests : IDisposable
{
    private readonly PollingSignals _signals = new();
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox(3, _signals);

    public void Dispose() => _signals.Dispose();

    [Fact]
    public void Newer_command_replaces_an_older_one_of_its_kind_and_no_other()
    {
        _outbox.PostApplied(5);
        _outbox.PostSeek(7, number: 1);
        _outbox.PostApplied(6);
        _outbox.PostSeek(8, number: 2);

        Assert.Equal(6, _outbox.TakeApplied());
        Assert.Equal(new SeekCommand(8, 2), _outbox.TakeSeek());
        Assert.Null(_outbox.TakeApplied());
        Assert.Null(_outbox.TakeSeek());
    }

    [Fact]
    public void Outbox_is_queued_once_however_much_is_posted_and_again_for_what_is_posted_after_it_was_taken()
    {
        _outbox.PostApplied(5);
        _outbox.PostApplied(6);

        Assert.True(_signals.TryDequeue(out Outbox? queued));
        Assert.Same(_outbox, queued);
        Assert.False(_signals.TryDequeue(out _));
        _outbox.PostSeek(0, number: 1); // before the commands were taken
        Assert.True(_signals.TryDequeue(out _));
    }

    /// <summary>One thread posts, another takes: the last of everything arrives.</summary>
    [Fact]
    public async Task Nothing_that_is_posted_last_is_missed()
    {
        const long Last = 200_000;
        var posting = Task.Run(() =>
        {
            for (long next = 1; next <= Last; next++)
                _outbox.PostApplied(next);
        });
        long applied = 0;
        using var limit = new CancellationTokenSource(Wait.Limit);
        while (applied < Last)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (!_signals.TryDequeue(out Outbox? queued) || queued.TakeApplied() is not { } next)
                continue;
            Assert.InRange(next, applied + 1, Last);
            applied = next;
        }

        await posting;
    }
}
