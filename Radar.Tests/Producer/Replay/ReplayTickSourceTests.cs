using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Replay;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Replay;

public sealed class ReplayTickSourceTests
{
    [Fact]
    public async Task Files_are_merged_by_time_and_each_keeps_its_own_order()
    {
        using var run = new ReplayRun();
        run.Write("a.csv", Csv("A", 10, 30, 20, 50)); // 20 comes late, and stays behind 30
        run.Write("b.csv", Csv("B", 10, 25, 40));
        run.Write("c.csv", Csv("C", 35));

        var ticks = await run.ReadAllAsync([run.Folder]);

        Assert.Equal(["A10", "B10", "B25", "A30", "A20", "C35", "B40", "A50"], ticks.Select(tick => $"{tick.Symbol}{tick.TimestampMs}"));
    }

    [Fact]
    public async Task Replay_at_recorded_pace_releases_each_tick_when_its_time_has_come()
    {
        var time = new FakeTimeProvider();
        using var run = new ReplayRun { Time = time };
        run.Producer.Replay.Speed = 1;
        var source = run.Open(run.Write("a.csv", Csv("A", 1_000, 1_000, 1_250, 2_000)));
        var ticks = new Tick[16];

        Assert.Equal(2, await source.ReadAsync(ticks, default));
        var next = source.ReadAsync(ticks, default).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await next);
        Assert.Equal(1_250, ticks[0].TimestampMs);
        next = source.ReadAsync(ticks, default).AsTask();
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(750));
        Assert.Equal(1, await next);
        Assert.Equal(0, await source.ReadAsync(ticks, default));
    }

    [Fact]
    public async Task Replay_at_ten_times_the_pace_takes_a_tenth_of_the_time()
    {
        var time = new FakeTimeProvider();
        using var run = new ReplayRun { Time = time };
        run.Producer.Replay.Speed = 10;
        var source = run.Open(run.Write("a.csv", Csv("A", 0, 10_000)));
        var ticks = new Tick[16];

        Assert.Equal(1, await source.ReadAsync(ticks, default));
        var next = source.ReadAsync(ticks, default).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await next);
    }

    [Fact]
    public async Task Loop_begins_again_at_the_end()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Loop = true;

        var ticks = await run.ReadAllAsync([run.Write("a.csv", Csv("A", 1, 2)), run.Write("b.csv", Csv("B", 1))], max: 9);

        Assert.Equal(["A1", "B1", "A2", "A1", "B1", "A2", "A1", "B1", "A2"], ticks.Select(tick => $"{tick.Symbol}{tick.TimestampMs}"));
    }

    [Fact]
    public async Task Loop_over_nothing_ends()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Loop = true;

        Assert.Empty(await run.ReadAllAsync([run.Write("a.csv", "symbol,price,timestamp\n")]));
    }

    [Fact]
    public async Task Stop_ends_the_waiting()
    {
        using var run = new ReplayRun { Time = new FakeTimeProvider() };
        run.Producer.Replay.Speed = 1;
        var source = run.Open(run.Write("a.csv", Csv("A", 0, 10_000)));
        using var stop = new CancellationTokenSource();
        await source.ReadAsync(new Tick[16], stop.Token);
        var next = source.ReadAsync(new Tick[16], stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Stop_ends_the_search_for_a_tick_that_does_not_come()
    {
        using var run = new ReplayRun();
        var source = run.Open(run.Write(
            "a.csv", "symbol,price,timestamp\n" + string.Concat(Enumerable.Repeat("A,none,none\n", 1_000_000))));

        using var stop = new CancellationTokenSource();
        run.Log.Logged = line =>
        {
            if (line.Contains("is broken", StringComparison.Ordinal))
                stop.Cancel(); // on the thread that reads, so that it cannot be at the end by now
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.ReadAsync(new Tick[16], stop.Token).AsTask());
        Assert.InRange(run.Metrics.Broken, 1, 999_999);
    }

    [Fact]
    public async Task Start_does_not_search_a_file_to_its_end_and_its_late_trades_come_in_their_time()
    {
        using var run = new ReplayRun();
        string path = run.Write("a.csv", "symbol,price,timestamp\n" + string.Concat(Enumerable.Repeat("A,none,none\n", 1_000_000))
            + "A,1,1970-01-01T00:00:05Z\n");
        run.Write("b.csv", Csv("B", 1_000, 9_000));
        var input = Assert.Single(ReplayInput.Of(path, true));
        var open = new ReplayFormat(run.Producer.Replay, () => SymbolFormat.Plain).Recognise(input, default, out _)!.Open;
        using var file = new ReplayFile(input, open, run.Log);
        file.Probe(default);

        Assert.Equal(long.MinValue, file.FirstMs);
        Assert.Equal([1_000, 5_000, 9_000], (await run.ReadAllAsync([run.Folder])).Select(tick => tick.TimestampMs));
    }

    [RequiresFact(Need.Proc)]
    public async Task Disposed_source_has_no_file_open()
    {
        using var run = new ReplayRun();
        string path = run.Write("a.csv", Csv("A", 1, 2, 3));
        var source = run.Open(path);
        await source.ReadAsync(new Tick[1], default);
        Assert.Contains(path, OpenFiles());

        source.Dispose();

        Assert.DoesNotContain(path, OpenFiles());
    }

    [Theory]
    [InlineData(1, 253402300799999)]
    [InlineData(0.000001, 1_000_000_000)]
    public async Task Tick_that_is_due_in_an_age_is_waited_for(double speed, long second)
    {
        using var run = new ReplayRun { Time = new FakeTimeProvider() };
        run.Producer.Replay.Speed = speed;
        var source = run.Open(run.Write("a.csv", Csv("A", 0, second)));
        using var stop = new CancellationTokenSource();

        Assert.Equal(1, await source.ReadAsync(new Tick[16], stop.Token));
        var next = source.ReadAsync(new Tick[16], stop.Token).AsTask();
        Assert.False(next.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public void Lines_end_with_the_last_whole_one_where_reading_is_limited()
    {
        using var lines = new LineReader(new Dribble([.. "one\ntwo\nthree\n"u8], 3), bytesMax: 9);

        Assert.True(lines.TryRead(out var line));
        Assert.Equal("one"u8, line);
        Assert.True(lines.TryRead(out line));
        Assert.Equal("two"u8, line);
        Assert.False(lines.TryRead(out _));
    }

    [Fact]
    public void Lines_are_the_same_wherever_the_stream_is_cut()
    {
        byte[] text = [.. "\uFEFFone\r\n\ntwo\r\n"u8, .. new byte[200_000].Select(_ => (byte)'x'), .. "\nlast"u8];
        for (int step = 1; step < 100_000; step = (step * 7) + 1)
        {
            using var lines = new LineReader(new Dribble(text, step));
            var lengths = new List<int>();
            while (lines.TryRead(out var line))
                lengths.Add(line.Length);
            Assert.Equal([3, 0, 3, 200_000, 4], lengths);
            Assert.Equal(5, lines.Line);
        }
    }

    private static List<string> OpenFiles()
    {
        var files = new List<string>();
        foreach (string link in Directory.GetFiles("/proc/self/fd"))
        {
            try
            {
                files.Add(File.ResolveLinkTarget(link, false)?.FullName ?? "");
            }
            catch (IOException)
            {
                // Another test closed its file in between.
            }
        }

        return files;
    }

    private static string Csv(string symbol, params long[] times) =>
        "symbol,price,timestamp\n" + string.Concat(times.Select(time => $"{symbol},1,{Rfc3339.Format(time)}\n"));

    /// <summary>Gives at most some bytes at a time.</summary>
    private sealed class Dribble(byte[] content, int step) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(step, buffer.Length)]);
    }
}
