using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Market;
using Radar.Market.Store;
using Radar.Producer;
using Radar.Tests.Consumer;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.WholePath;

/// <summary>
/// Whatever is wrong with the state: answers and health of all services say so in plain words, and only the log has names of keys and
/// texts of servers and exceptions.
/// </summary>
public sealed class PublicAnswersTests : IAsyncLifetime
{
    private const int Partitions = 5, PerPartition = 20;

    /// <summary>By <see cref="DamageAsync"/>.</summary>
    private static readonly string[] Damaged = ["p00}:position", "p01}:latest", "p02}:bars:1Min:S2", "p03}:bars:1Day:S3", "p04}:trades:S4"];

    private static readonly string[] Routes =
    [
        "/health", "/ready", "/api/v1/ticker/{0}", "/api/v1/history/{0}", "/api/v2/tickers/{0}", "/api/v2/trades/{0}",
        "/api/v2/bars/{0}?timeframe=1Min", "/api/v2/bars/{0}?timeframe=1Min&as_of=2023-11-14T23:00:00Z", "/api/v2/snapshots?symbols={0}",
        "/api/v2/tickers/{0}?as_of=2023-11-14T23:00:00Z", "/api/v2/symbols", "/api/v2/tickers", "/api/v2/movers", "/api/v2/lag",
        "/api/v2/dead-letters", "/openapi/v1.json", "/api/v2/tickers/UNKNOWN", "/nothing",
    ];

    private readonly EmbeddedWorld _world = new(Partitions);
    private readonly LogLines _lines = new();

    private IDatabase Redis => _world.Path.Redis.GetDatabase();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task No_answer_of_any_service_shows_a_key_or_the_text_of_an_exception_and_the_log_does()
    {
        WebApplication consumer = await StartAsync(_world.Path.BuildConsumer());
        var producer = await _world.Path.StartAsync(ProducerService.Build, ["--Producer:Source=none"]);
        var api = await StartAsync(_world.Path.BuildApi("--Api:BoardAuditMs=100", "--Api:RequestDeadlineMs=500"));
        using var http = new HttpClient { BaseAddress = new Uri(api.Urls.First()) };
        await SendAsync();
        await RadarPath.BacklogAppliedAsync(http);
        await _world.Path.StopAsync(consumer); // which would rebuild what it can
        await DamageAsync();

        await HealthAsync(http, "state", "damaged in Redis; the log names the key.");
        await AssertPublicAsync(http);

        await Redis.StringSetAsync(RedisKeys.ActiveEpoch, "no epoch");
        await HealthAsync(http, "lag", "The name of the epoch that is served is damaged in Redis");
        await AssertPublicAsync(http);
        await Redis.StringSetAsync(RedisKeys.ActiveEpoch, RedisKeys.FirstEpoch);

        consumer = await StartAsync(_world.Path.BuildConsumer());
        await PartitionsHealth.StoppedAsync(consumer, "Partition 0: the position is damaged in Redis");
        await Wait.ForAsync(
            () => Task.FromResult(Array.FindAll(Damaged, key => !_lines.Text.Contains("radar:{1." + key, StringComparison.Ordinal))),
            static missing => missing.Length == 0,
            missing => Task.FromResult($"the log names {string.Join(' ', missing)}: {_lines.Text}"));
        await AssertPublicAsync(http);
        await Redis.HashSetAsync(Of(0).Position, "offset", PerPartition);
        _world.Kafka.CreateTopic("other", Partitions);
        var others = await StartAsync(_world.Path.BuildConsumer("--Kafka:Topic=other", "--Kafka:ConsumerGroup=other"));
        await PartitionsHealth.StoppedAsync(others, "The state is of topic market-ticks, and not of other.");
        var unlike = await StartAsync(_world.Path.BuildConsumer("--Projection:Days1Min=1", "--Kafka:ConsumerGroup=unlike"));
        await PartitionsHealth.StoppedAsync(unlike, "The state was built with other settings");
        foreach (WebApplication service in new[] { consumer, producer, others, unlike })
        {
            using var asked = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
            await AssertPublicAsync(asked, "/health", "/ready");
        }

        Assert.Contains("delete the keys radar:{* to rebuild the state", _lines.Text, StringComparison.Ordinal);
    }

    /// <summary>Of each partition another part: unreadable, gone, with another bit, of another type, written by somebody else.</summary>
    private async Task DamageAsync()
    {
        await Redis.HashSetAsync(Of(0).Position, "offset", "2x");
        await Redis.KeyDeleteAsync(Of(1).Latest);
        RedisKey bars = Of(2).Bars(Timeframe.Minute, "S2");
        var oldest = (await Redis.SortedSetRangeByRankWithScoresAsync(bars, 0, 0))[0];
        await Redis.SortedSetRemoveAsync(bars, oldest.Element);
        await Redis.SortedSetAddAsync(bars, RecordText.Flipped(oldest.Element, 8), oldest.Score);
        await Redis.StringSetAsync(Of(3).Bars(Timeframe.Day, "S3"), "somebody else's");
        await Redis.ListRightPushAsync(Of(4).Trades("S4"), "somebody else's");
    }

    private static RedisKeys Of(int partition) => new(RedisKeys.FirstEpoch, partition);

    private async Task<WebApplication> StartAsync(WebApplication service)
    {
        service.Services.GetRequiredService<ILoggerFactory>().AddProvider(_lines);
        await service.StartAsync();
        return service;
    }

    private async Task SendAsync()
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _world.Kafka.BootstrapServers })
            .SetLogHandler(static (_, _) => { }).Build();
        for (int partition = 0; partition < Partitions; partition++)
        {
            for (int i = 0; i < PerPartition; i++)
            {
                await producer.ProduceAsync(new TopicPartition(EmbeddedWorld.Topic, partition), new Message<string, string>
                {
                    Key = $"S{partition}",
                    Value = $$"""{"symbol":"S{{partition}}","price":{{i + 1}},"timestamp":{{1_700_000_000_000 + (i * 10_000L)}}}""",
                });
            }
        }
    }

    private static async Task HealthAsync(HttpClient http, string check, string words) => await Wait.ForAsync(
        async () =>
        {
            using var lag = await http.GetAsync(new Uri("/api/v2/lag", UriKind.Relative)); // which reads all positions
            using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
            string text = await answer.Content.ReadAsStringAsync();
            PublicText.AssertHasNoInternals(text);
            return JsonNode.Parse(text)!;
        },
        health => ((string?)health["checks"]![check]!["description"])?.Contains(words, StringComparison.Ordinal) == true,
        health => Task.FromResult(health.ToJsonString()));

    private static async Task AssertPublicAsync(HttpClient http, params string[] routes)
    {
        foreach (string route in routes.Length > 0 ? routes : Routes)
        {
            for (int symbol = 0; symbol < Partitions; symbol++)
            {
                string path = route.Replace("{0}", $"S{symbol}", StringComparison.Ordinal);
                using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
                PublicText.AssertHasNoInternals($"{answer.Headers}\n{await answer.Content.ReadAsStringAsync()}");
                if (!route.Contains("{0}", StringComparison.Ordinal))
                    break;
            }
        }
    }
}
