using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Live;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Live;

/// <summary>The real live source against a fake venue, and what it made.</summary>
internal sealed class LiveRun : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<Tick> _ticks = [];
    private Task _reading = Task.CompletedTask;

    public LiveRun(FakeVenue venue, string source, params string[] symbols)
    {
        Metrics = new ProducerMetrics(_services.GetRequiredService<IMeterFactory>(), Options.Create(new KafkaOptions()));
        Producer.Source = source;
        foreach (string symbol in symbols)
            Producer.Live.Symbols.Add(symbol);
        Live.WebSocketUrl = "ws://" + venue.Host;
        Live.RestUrl = "http://" + venue.Host;

        // What no test is about does not happen, however busy the machine.
        Live.SilenceMs = 3_600_000;
        Live.ConnectTimeoutMs = 600_000;
        Live.RestTimeoutMs = 600_000;
        Live.RefillMs = 3_600_000;
    }

    public ProducerOptions Producer { get; } = new();

    public LiveOptions Live => Producer.Live;

    public ProducerMetrics Metrics { get; }

    public LinesLogger<LiveTickSource> Log { get; } = new();

    /// <summary>A wait of a minute takes 0.2 s.</summary>
    public TimeProvider Time { get; init; } = new HurriedTime(300);

    /// <summary>Ends the reading, that of a test that reads itself too; comes at the end in any case.</summary>
    public CancellationTokenSource Stop { get; } = new();

    public string LogText => string.Join('\n', Log.Lines);

    public LiveTickSource Create() => new(Options.Create(Producer), Metrics, Time, Log);

    /// <summary>Begins to read.</summary>
    public LiveRun Start()
    {
        var source = Create();
        source.Open();
        _reading = Task.Run(async () =>
        {
            using (source)
            {
                var ticks = new Tick[512];
                while (await source.ReadAsync(ticks, Stop.Token) is > 0 and var count)
                {
                    lock (_ticks)
                        _ticks.AddRange(ticks.AsSpan(0, count));
                }
            }
        });
        return this;
    }

    /// <summary>All ticks, once there are <paramref name="count"/>.</summary>
    public async Task<IReadOnlyList<Tick>> TicksAsync(int count)
    {
        await UntilAsync(() => Count() >= count || _reading.IsCompleted, () => $"{count} ticks, there are {Count()}");
        lock (_ticks)
            return [.. _ticks];
    }

    /// <summary>Their ids, once there are <paramref name="count"/>.</summary>
    public async Task<IEnumerable<long>> IdsAsync(int count) => (await TicksAsync(count)).Select(tick => tick.TradeId.Number!.Value);

    public async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        try
        {
            await Wait.UntilAsync(condition, "");
        }
        catch (Exception e) when (e is Xunit.Sdk.XunitException)
        {
            Assert.Fail($"Not: {what()}. The log:\n{LogText}");
        }
    }

    /// <summary>Lets a fake time run until something is the case.</summary>
    public async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Func<bool> condition, string what)
    {
        await UntilAsync(
            () =>
            {
                if (condition())
                    return true;
                time.Advance(step);
                return false;
            },
            () => what);
    }

    public Task UntilLoggedAsync(string text) =>
        UntilAsync(() => LogText.Contains(text, StringComparison.Ordinal), () => $"'{text}' logged");

    /// <summary>Waits for the source's own end.</summary>
    public Task EndAsync() => _reading.WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await Stop.CancelAsync();
        try
        {
            await _reading.WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }

        Stop.Dispose();
        await _services.DisposeAsync();
    }

    public int Count()
    {
        lock (_ticks)
            return _ticks.Count;
    }
}

/// <summary>
/// The machine's time, but waits end some times as soon, so that paces and backoffs of seconds take milliseconds. Those of five minutes
/// and more never end: a busy machine is no venue that is silent.
/// </summary>
internal sealed class HurriedTime(int factor) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    private TimeSpan Real(TimeSpan time) =>
        time >= TimeSpan.FromMinutes(5) ? Timeout.InfiniteTimeSpan : time <= TimeSpan.Zero ? time : time / factor;

    private sealed class Timer(ITimer timer, HurriedTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Real(dueTime), time.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
