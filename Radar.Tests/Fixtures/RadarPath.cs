using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Radar.Api;
using Radar.Consumer;
using Radar.Market.Store;
using Radar.Producer;
using Radar.Standalone.Infrastructure;
using StackExchange.Redis;

namespace Radar.Tests.Fixtures;

/// <summary>The three services in this process, on a broker and a Redis that the test brings.</summary>
internal sealed class RadarPath(string kafka, string redis, string topic, params string[] settings) : IAsyncDisposable
{
    /// <summary>On the embedded broker, with the settings that its clients need in order to be quick.</summary>
    public RadarPath(EmbeddedKafka kafka, string redis, string topic, params string[] settings)
        : this(
            kafka.BootstrapServers, redis, topic,
            [.. EmbeddedKafka.ClientSettings.Select(setting => $"--Kafka:Client:{setting.Key}={setting.Value}"), .. settings])
    {
    }

    private readonly List<WebApplication> _hosts = []; // locked: producers come and go beside the test
    private readonly Lazy<ConnectionMultiplexer> _redis = new(() => PatientRedis.Connect(redis + ",abortConnect=false,allowAdmin=true"));

    public IConnectionMultiplexer Redis => _redis.Value;

    public Task<WebApplication> StartConsumerAsync(params string[] more) => StartAsync(ConsumerService.Build, more);

    /// <summary>A consumer that the test starts; the path stops it.</summary>
    public WebApplication BuildConsumer(params string[] more) => Build(ConsumerService.Build, more);

    /// <summary>An API that the test starts; the path stops it.</summary>
    public WebApplication BuildApi(params string[] more) => Build(ApiService.Build, more);

    /// <summary>Starts a service; <paramref name="more"/> overrules the settings of the path.</summary>
    public async Task<WebApplication> StartAsync(Func<string[], WebApplication> build, string[] more)
    {
        WebApplication host = Build(build, more);
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            lock (_hosts)
                _hosts.Remove(host); // what has not started cannot be stopped
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Trades that the daily bars count.</summary>
    public async Task<long> CountAsync()
    {
        long count = 0;
        foreach (RedisKey key in Redis.GetServers()[0].Keys(pattern: "radar:{*}:bars:1Day:*"))
        {
            foreach (RedisValue bar in await Redis.GetDatabase().SortedSetRangeByRankAsync(key))
                count += (long)JsonNode.Parse(StoredRecord.Public(((ReadOnlyMemory<byte>)bar).Span))!["n"]!;
        }

        return count;
    }

    /// <summary>Starts an API and returns a client for it.</summary>
    public async Task<HttpClient> StartApiAsync(params string[] more)
    {
        WebApplication api = await StartAsync(ApiService.Build, more);
        var addresses =
            api.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!;
        string address = addresses.Addresses.First();
        return new HttpClient { BaseAddress = new Uri(address) };
    }

    /// <summary>Runs a producer until its source has ended and everything is acknowledged.</summary>
    public async Task ProduceAsync(params string[] more)
    {
        WebApplication producer = await StartAsync(ProducerService.Build, more);
        await ProducedAsync(producer);
        await StopAsync(producer);
    }

    /// <summary>Waits until a producer's source has ended and everything is acknowledged.</summary>
    public static Task ProducedAsync(WebApplication producer) =>
        producer.Services.GetServices<IHostedService>().OfType<ProducerWorker>().Single().ExecuteTask!.WaitAsync(Wait.Limit);

    /// <summary>Puts records into the topic as they are, by the default partitioner of librdkafka.</summary>
    public async Task SendAsync(params (string? Key, string? Value)[] records)
    {
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka })
            .SetLogHandler((_, _) => { }).Build();
        foreach (var (key, value) in records)
            await producer.ProduceAsync(topic, new Message<string?, string?> { Key = key!, Value = value! });
    }

    /// <summary>Waits until everything that is in the topic is in Redis.</summary>
    public static Task BacklogAppliedAsync(HttpClient api) => Wait.ForAsync(
        async () =>
        {
            using var response = await api.GetAsync(new Uri("/api/v2/lag", UriKind.Relative));
            return (response.IsSuccessStatusCode, Lag: await response.Content.ReadAsStringAsync());
        },
        answer => answer.IsSuccessStatusCode && (long)JsonNode.Parse(answer.Lag)!["messages"]! == 0,
        async answer => $"the backlog is applied; {answer.Lag} {await api.GetStringAsync(new Uri("/health", UriKind.Relative))}");

    public static async Task<JsonObject> GetAsync(HttpClient api, string path)
    {
        using var response = await api.GetAsync(new Uri(path, UriKind.Relative));
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return await BodyAsync(response);
    }

    /// <summary>What a health check of a service says: Healthy, Degraded or Unhealthy.</summary>
    public static async Task<string?> HealthAsync(HttpClient service, string check)
    {
        using var response = await service.GetAsync(new Uri("/health", UriKind.Relative));
        return (string?)(await BodyAsync(response))["checks"]![check]!["status"];
    }

    /// <summary>All items of a paged list.</summary>
    public static async Task<List<JsonObject>> AllAsync(HttpClient api, string path, string list)
    {
        var items = new List<JsonObject>();
        string? token = null;
        do
        {
            JsonObject page = await GetAsync(api, token is null ? path : $"{path}&page_token={Uri.EscapeDataString(token)}");
            items.AddRange(page[list]!.AsArray().Select(item => item!.AsObject()));
            token = (string?)page["next_page_token"];
        }
        while (token is not null);
        return items;
    }

    public async Task StopAsync(WebApplication host)
    {
        lock (_hosts)
            _hosts.Remove(host);
        await host.StopAsync();
        await host.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        List<WebApplication> left;
        lock (_hosts)
            left = [.. _hosts.AsEnumerable().Reverse()];
        foreach (WebApplication host in left)
            await StopAsync(host);
        if (_redis.IsValueCreated)
            await _redis.Value.DisposeAsync();
    }

    private WebApplication Build(Func<string[], WebApplication> build, string[] more)
    {
        WebApplication host = build(
        [
            $"--ConnectionStrings:kafka={kafka}", $"--ConnectionStrings:redis={PatientRedis.Of(redis)}", $"--Kafka:Topic={topic}",
            "--urls=http://127.0.0.1:0", "--Operations:HealthCacheMs=0", "--Logging:LogLevel:Default=Error",
            "--Api:RequestDeadlineMs=60000", "--Api:KafkaTimeoutMs=10000", .. settings, .. more,
        ]);
        lock (_hosts)
            _hosts.Add(host);
        return host;
    }

    private static async Task<JsonObject> BodyAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync();
        PublicText.AssertHasNoInternals(text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
