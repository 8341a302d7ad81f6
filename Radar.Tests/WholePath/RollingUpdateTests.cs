using System.Collections.Concurrent;
using System.Net;
using Radar.Client;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>Replicas are replaced one after the other, as an orchestrator does it, while ticks arrive and clients read.</summary>
public sealed class RollingUpdateTests : IAsyncLifetime
{
    private const string Topic = "market-ticks";

    /// <summary>Longer than the load balancer takes to notice.</summary>
    private const string Drain = "--Operations:DrainSeconds=5";

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly RadarPath _path;
    private readonly List<ServiceProcess> _processes = [];
    private readonly NumberedTrades _trades;

    public RollingUpdateTests()
    {
        _kafka.CreateTopic(Topic, 3);
        _kafka.CreateTopic(Topic + ".dlq", 1);
        _path = new RadarPath(_kafka, _redis.Address, Topic);
        _trades = new NumberedTrades(_path);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _processes.ForEach(static process => process.Dispose());
        await _path.DisposeAsync();
        _redis.Dispose();
        _kafka.Dispose();
    }

    [RequiresFact(Need.Signals)]
    public async Task Two_APIs_and_two_consumers_are_replaced_under_load_and_no_read_fails_and_every_trade_comes_once()
    {
        ServiceProcess[] consumers = [StartConsumer(), StartConsumer()];
        var apis = new Dictionary<string, ServiceProcess>();
        for (int i = 0; i < 2; i++)
            await StartApiAsync();
        await using var balancer = await LoadBalancer.StartAsync([.. apis.Keys]);
        await _trades.SendAsync(20); // before the stream: not delivered
        using (var http = new HttpClient { BaseAddress = balancer.Address })
            await RadarPath.BacklogAppliedAsync(http);

        using var end = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        int reads = 0;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(ReadAsync)).ToArray();
        var (begun, ids, stream) = Stream(balancer.Address);
        await begun.WaitAsync(Wait.Limit);
        var sending = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await _trades.SendAsync(10);
                await Task.Delay(50, CancellationToken.None);
            }
        });

        foreach (var (address, old) in apis.ToList())
        {
            await StartApiAsync();
            balancer.Set(apis.Keys);
            await EndAsync(old);
            apis.Remove(address);
            balancer.Set(apis.Keys);
        }

        for (int i = 0; i < consumers.Length; i++)
        {
            await EndAsync(consumers[i]);
            consumers[i] = StartConsumer();
            int before = _trades.Sent;
            await Wait.UntilAsync(() => ids.ContainsKey(before), "the stream goes on");
        }

        await end.CancelAsync();
        await sending;
        await Task.WhenAll(readers);
        await _trades.SendLastAsync();
        await stream.WaitAsync(Wait.Limit);

        Assert.Empty(failures);
        Assert.True(reads > 100, $"{reads} reads");
        Assert.Equal(Enumerable.Range(20, _trades.Sent - 20), ids.Keys.Order());
        Assert.All(ids, static id => Assert.Equal(1, id.Value));

        async Task StartApiAsync()
        {
            var api = Start("Radar.Api", Drain);
            string address = await api.AddressAsync();
            using var http = new HttpClient { BaseAddress = new Uri(address) };
            await Wait.UntilAsync(async () => await IsReadyAsync(http), "the API is ready; " + api.Output);
            apis.Add(address, api);
        }

        async Task ReadAsync()
        {
            using var http = new HttpClient { BaseAddress = balancer.Address };
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri($"/api/v2/tickers/S{i % NumberedTrades.Symbols}", UriKind.Relative));
                    if (answer.StatusCode != HttpStatusCode.OK)
                        failures.Enqueue($"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                    Interlocked.Increment(ref reads);
                }
                catch (HttpRequestException e)
                {
                    failures.Enqueue(e.Message);
                }
            }
        }
    }

    /// <summary>Reads all trades until the last; the values count how often each came.</summary>
    private static (Task Begun, ConcurrentDictionary<int, int> Ids, Task Reading) Stream(Uri address)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ids = new ConcurrentDictionary<int, int>();
        var client = new RadarClient(new HttpClient(), new RadarClientOptions { BaseAddress = address, ReconnectDelayMaxMs = 500 });
        return (begun.Task, ids, Task.Run(() => NumberedTrades.ReadAsync(
            client.StreamAsync(StreamChannels.Trades), id => ids.AddOrUpdate(id, 1, static (_, times) => times + 1), begun)));
    }

    /// <summary>As orchestrators do it: SIGTERM, and the process ends by itself.</summary>
    private static async Task EndAsync(ServiceProcess process)
    {
        process.Signal("TERM");
        Assert.True(await process.ExitCodeAsync() == 0, process.Output);
    }

    private static async Task<bool> IsReadyAsync(HttpClient api)
    {
        using var answer = await api.GetAsync(new Uri("/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    private ServiceProcess StartConsumer() => Start("Radar.Consumer");

    private ServiceProcess Start(string service, params string[] more)
    {
        var process = new ServiceProcess(service,
        [
            $"--ConnectionStrings:kafka={_kafka.BootstrapServers}", $"--ConnectionStrings:redis={PatientRedis.Of(_redis.Address)}",
            "--Kafka:TopicIdentity=test", "--urls=http://127.0.0.1:0",
            .. EmbeddedKafka.ClientSettings.Select(setting => $"--Kafka:Client:{setting.Key}={setting.Value}"), .. more,
        ]);
        _processes.Add(process);
        return process;
    }
}
