using Microsoft.AspNetCore.Builder;
using Radar.Api;
using Radar.Client;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Client;

/// <summary>A stream of the client while the API under it comes and goes.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly string _address = $"http://127.0.0.1:{LoopbackPort.Free()}";
    private readonly RadarPath _path;
    private readonly NumberedTrades _trades;

    public RestartTests()
    {
        _kafka.CreateTopic(Topic, 3);
        _kafka.CreateTopic(Topic + ".dlq", 1);
        _path = new RadarPath(_kafka, _redis.Address, Topic, "--Kafka:TopicIdentity=test");
        _trades = new NumberedTrades(_path);
    }

    public Task InitializeAsync() => _path.StartConsumerAsync();

    public async Task DisposeAsync()
    {
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [Fact]
    public async Task Every_trade_is_received_once_though_the_API_restarts_as_planned_and_is_killed()
    {
        using var end = new CancellationTokenSource(Wait.Limit);
        var client = new RadarClient(
            new HttpClient(), new RadarClientOptions { BaseAddress = new Uri(_address), ReconnectDelayMaxMs = 500 });
        var signals = new List<StreamSignal>();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ids = new List<int>();
        WebApplication planned = await StartApiAsync();
        await _trades.SendAsync(20); // before the stream: not delivered
        using (var http = new HttpClient { BaseAddress = new Uri(_address) })
            await RadarPath.BacklogAppliedAsync(http);
        var reading = Task.Run(() => NumberedTrades.ReadAsync(
            client.StreamAsync(StreamChannels.Trades, cancellationToken: end.Token),
            id =>
            {
                lock (ids)
                    ids.Add(id);
            },
            begun,
            signals.Add));
        await begun.Task.WaitAsync(Wait.Limit);

        await _trades.SendAsync(50);
        await _path.StopAsync(planned);
        await _trades.SendAsync(50);
        using (var killed = StartApiProcess())
        {
            await _trades.SendAsync(50);
            await UntilReceivedAsync(all => all.Contains(_trades.Sent - 1));
            await _trades.SendAsync(50);
            killed.Kill();
        }

        await _trades.SendAsync(50);
        await StartApiAsync();
        await _trades.SendAsync(50);
        await UntilReceivedAsync(all => all.Distinct().Count() >= _trades.Sent - 20);
        await _trades.SendLastAsync();
        await reading;

        Assert.Equal(Enumerable.Range(20, _trades.Sent - 20), ids.Order());
        foreach (var ofSymbol in ids.GroupBy(id => id % NumberedTrades.Symbols))
            Assert.Equal(ofSymbol.Order(), ofSymbol);
        Assert.Empty(signals.OfType<StreamGap>());
        Assert.Contains(signals.OfType<StreamInterrupted>(), interrupted => interrupted.Attempts == 0); // the planned stop was announced
        Assert.True(signals.OfType<StreamConnected>().Count(connected => connected.Resumes) >= 2);

        Task UntilReceivedAsync(Func<List<int>, bool> enough) => Wait.UntilAsync(
            () =>
            {
                lock (ids)
                    return Task.FromResult(reading.IsCompleted || enough(ids));
            },
            "trades are received");
    }

    private Task<WebApplication> StartApiAsync() => _path.StartAsync(ApiService.Build, [$"--urls={_address}"]);

    private ServiceProcess StartApiProcess() => new(
        "Radar.Api", $"--ConnectionStrings:kafka={_kafka.BootstrapServers}", $"--ConnectionStrings:redis={PatientRedis.Of(_redis.Address)}",
        $"--urls={_address}",
        "--Kafka:TopicIdentity=test");
}
