using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer.Replay;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;

namespace Radar.Producer.Control;

/// <summary>
/// <c>POST /control/replay</c>: replays an uploaded recording beside the producer's own source, one at a time. It goes on after the
/// answer where it takes longer, and ends with the producer.
/// </summary>
internal sealed class ReplayUploads(
    IServiceProvider services, TopicSetup topics, IOptions<ProducerOptions> options, IOptions<KafkaOptions> kafka, TimeProvider time,
    ILogger<ReplayUploads> logger) : IHostedService, IDisposable
{
    private const int BatchTicks = 512;

    /// <summary>How long the answer waits for the end.</summary>
    private static readonly TimeSpan AnswerAfter = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _one = new(1);
    private volatile Running? _running;

    /// <summary>Takes the body of the request as a recording.</summary>
    /// <exception cref="ControlException">Another one is replayed, or this one cannot be read.</exception>
    public async Task<ControlResult> ReplayAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (services.GetService<KafkaTickSink>() is not { } sink)
        {
            throw new ControlException(
                StatusCodes.Status409Conflict,
                "This producer forwards another topic in transactions and replays nothing beside it. Choose another Producer:Source.");
        }

        double speed = ReplayUpload.Speed(context);
        if (!await _one.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            throw new ControlException(
                StatusCodes.Status409Conflict,
                $"{_running?.Name ?? "Another recording"} is being replayed: {_running?.Sent ?? 0} ticks so far. Wait for its end"
                    + $", or restart the producer to stop it.");
        }

        var running = await StartAsync(context, sink, speed, cancellationToken);
        await Task.WhenAny(running.Work, Task.Delay(AnswerAfter, time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return running.Work.IsCompleted ? Done(running) : new ControlResult(
            true,
            $"Replaying {running.Name}.",
            $"""
            **{running.Name}** is being replayed: {running.Sent} ticks so far. The producer logs its end; restarting the producer stops it.

            {Times}
            """);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_running is { } running)
            await running.Work.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _one.Dispose();
    }

    private const string Times =
        "Ticks keep their recorded time: the latest price moves only where they are newer"
            + ", bars of their time are corrected where those are still kept.";

    private static ControlResult Done(Running running) => running.Work.Exception?.InnerException is { } failure
        ? new ControlResult(false, $"{running.Name} stopped after {running.Sent} ticks: "
            + (failure is ConfigurationException own ? own.Message : "the log of the producer says why."))
        : new ControlResult(
            true,
            $"{running.Name}: {running.Sent} ticks sent.",
            $"""
            | file | ticks sent |
            |---|---|
            | {running.Name} | {running.Sent} |

            {Times} Lines that were left out are counted in the producer's log.
            """);

    /// <summary>Receives and opens the recording; what follows has its turn until it is done.</summary>
    private async Task<Running> StartAsync(HttpContext context, KafkaTickSink sink, double speed, CancellationToken cancellationToken)
    {
        ReplayUpload? upload = null;
        try
        {
            upload = await ReplayUpload.ReceiveAsync(context, cancellationToken);
            var source = await Task.Run(() => upload.Open(options.Value, speed, services, cancellationToken), cancellationToken);
            var running = new Running(upload.Name);
            _running = running;
            running.Work = Task.Run(() => MoveAsync(upload, source, sink, running), CancellationToken.None);
            return running;
        }
        catch
        {
            upload?.Dispose();
            _one.Release();
            throw;
        }
    }

    private async Task MoveAsync(ReplayUpload upload, ReplayTickSource source, KafkaTickSink sink, Running running)
    {
        var stop = _stopping.Token;
        try
        {
            await sink.OpenAsync(await topics.EnsureAsync(kafka.Value.Topic, stop), stop);
            var ticks = new Tick[BatchTicks];
            while (await source.ReadAsync(ticks, stop) is > 0 and var count)
            {
                await sink.SendAsync(ticks.AsMemory(0, count), stop);
                running.Sent += count;
            }

            Log.UploadReplayed(logger, LogText.Of(upload.Name), running.Sent);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.UploadFailed(logger, LogText.Of(upload.Name), running.Sent, LogText.Line(e.Message));
            throw;
        }
        finally
        {
            source.Dispose();
            upload.Dispose();
            _one.Release();
        }
    }

    /// <summary>The recording that is replayed, or was last.</summary>
    private sealed class Running(string name)
    {
        private long _sent;

        public string Name => name;

        public Task Work { get; set; } = Task.CompletedTask;

        public long Sent
        {
            get => Volatile.Read(ref _sent);
            set => Volatile.Write(ref _sent, value);
        }
    }
}
