using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Api;

/// <summary>
/// The API over real HTTP, with hands on both of its sides: records are put into the topic, and taken into the state, by the test.
/// </summary>
internal sealed class ApiWorld : IAsyncDisposable
{
    public const string Topic = "market-ticks";
    public const int Partitions = 3;
    public const long Noon = 1_723_204_800_000; // 2024-08-09T12:00:00Z

    /// <summary>Reads what has every member of the contract and no other.</summary>
    public static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    private readonly PartitionProjection[] _projections;
    private readonly IProducer<Null, string>? _producer;
    private readonly ConnectionMultiplexer _redis;
    private bool _boardIsBroken;

    private ApiWorld(WebApplication app, ConnectionMultiplexer redis, string? kafka)
    {
        App = app;
        _redis = redis;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(app.Urls.Single()),
        };
        _projections = [.. Enumerable.Range(0, Partitions).Select(partition =>
            new PartitionProjection(redis.GetDatabase(), new RedisKeys(RedisKeys.FirstEpoch, partition), new ProjectionOptions()))];
        _producer = kafka is null ? null : new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    public WebApplication App { get; }

    public HttpClient Http { get; }

    public IDatabase Redis => _redis.GetDatabase();

    /// <summary>Starts the API. Without <paramref name="kafka"/>, where no broker answers.</summary>
    /// <param name="redis">Where an empty Redis is.</param>
    /// <param name="kafka">Where Kafka is.</param>
    /// <param name="fresh">True leaves the state empty; otherwise every partition has a position, as with a consumer that has
    /// started.</param>
    /// <param name="more">Further arguments.</param>
    public static async Task<ApiWorld> StartAsync(string redis, string? kafka, bool fresh = false, params string[] more)
    {
        var client = await PatientRedis.ConnectAsync(redis);
        var app = ApiService.Build(
        [
            "--urls", "http://127.0.0.1:0", "--ConnectionStrings:redis", PatientRedis.Of(redis), "--ConnectionStrings:kafka", kafka
                ?? "127.0.0.1:1",
            "--Api:LagIntervalMs", "50", "--Api:KafkaTimeoutMs", kafka is null ? "500" : "10000", "--Api:RequestDeadlineMs", "60000",
            "--Operations:HealthCacheMs", "0", "--Logging:LogLevel:Default", "None", .. more,
        ]);
        await app.StartAsync();
        var world = new ApiWorld(app, client, kafka);
        if (!fresh)
            await world.BeginAsync();
        return world;
    }

    /// <summary>Gives every partition a position, as a consumer does that finds the topic empty.</summary>
    public async Task BeginAsync()
    {
        for (int partition = 0; partition < Partitions; partition++)
            await TakeInAsync(partition, []);
    }

    /// <summary>Lets the board follow nothing any more.</summary>
    public async Task BreakBoardAsync()
    {
        var board = App.Services.GetRequiredService<LiveBoard>();
        await Wait.UntilAsync(() => Task.FromResult(board.Status.Layout is not null && board.Status.IsInSync), "the board is whole");
        await App.Services.GetRequiredService<BoardFeed>().StopAsync(CancellationToken.None);
        for (int partition = 0; partition < Partitions; partition++)
            board.MarkGapped(partition);
        Assert.False(board.Status.IsInSync || board.Status.IsAnyUnconfirmed);
        _boardIsBroken = true;
    }

    /// <summary>Puts the ticks into the topic and into the state.</summary>
    /// <returns>The position after them.</returns>
    public async Task<long> TakeInAsync(int partition, IReadOnlyList<Tick> ticks, string? traceParent = null, long? recordMs = null)
    {
        await ProduceAsync(partition, ticks.Count);
        return await ApplyAsync(partition, ticks, traceParent, recordMs);
    }

    /// <summary>Puts the ticks into the state only.</summary>
    public async Task<long> ApplyAsync(int partition, IReadOnlyList<Tick> ticks, string? traceParent = null, long? recordMs = null)
    {
        var projection = _projections[partition];
        if (projection.Position is null)
            await projection.OpenAsync();
        long offset = projection.Position?.Offset ?? 0;
        foreach (Tick tick in ticks)
            projection.Add(new AppliedTick(tick, offset++, traceParent));
        long written = recordMs ?? (ticks.Count == 0 ? 0 : TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var result = await projection.WriteAsync(new PartitionPosition(offset, new TopicIdentity(Topic, null, Partitions), written));
        Assert.True(result.Applied);
        var board = App.Services.GetRequiredService<LiveBoard>();
        if (!_boardIsBroken) // otherwise reads go to Redis
            Assert.True(await board.ReachAsync(partition, offset, Wait.Limit, CancellationToken.None));
        return offset;
    }

    /// <summary>Puts records into the topic only; with a Kafka timestamp (Unix ms) where one is given.</summary>
    public async Task ProduceAsync(int partition, int count, long? timestampMs = null)
    {
        Timestamp timestamp = timestampMs is { } ms ? new Timestamp(ms, TimestampType.CreateTime) : Timestamp.Default;
        if (_producer is { } producer)
            await Task.WhenAll(Enumerable.Range(0, count).Select(_ =>
                producer.ProduceAsync(
                    new TopicPartition(Topic, partition), new Message<Null, string> { Value = "{}", Timestamp = timestamp })));
    }

    /// <summary>A body that must be there, as text.</summary>
    public async Task<string> TextAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode} {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return text;
    }

    public async Task<JsonObject> JsonAsync(string path) => JsonNode.Parse(await TextAsync(path))!.AsObject();

    /// <summary>A body that must be exactly what the contract says.</summary>
    public async Task<T> ReadAsync<T>(string path) => JsonSerializer.Deserialize<T>(await TextAsync(path), Strict)!;

    /// <summary>An error that must be a problem of this status.</summary>
    public async Task<JsonObject> ProblemAsync(string path, HttpStatusCode status)
    {
        using var response = await Http.GetAsync(path);
        return await ProblemAsync(response, status);
    }

    public static async Task<JsonObject> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.RequestMessage!.RequestUri}: {response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        PublicText.AssertHasNoInternals(text);
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.Equal((int)status, (int)problem["status"]!);
        return problem;
    }

    /// <summary>Asks again until an answer is as expected; fails after a time that only a broken program needs.</summary>
    public Task<JsonObject> UntilAsync(string path, Func<JsonObject, bool> expected) => Wait.ForAsync(
        async () =>
        {
            using var response = await Http.GetAsync(path, CancellationToken.None);
            return (await response.Content.ReadFromJsonAsync<JsonObject>(CancellationToken.None))!;
        },
        expected, last => Task.FromResult($"{path} answers as expected; the last answer is {last}"));

    public static Tick Tick(string symbol, decimal price, long timestampMs = Noon, decimal size = 1, long id = 0) =>
        new(symbol, price, timestampMs, size, new TradeId(id), Side.Buy, "test");

    /// <summary>A symbol that no other test has.</summary>
    public static string NewSymbol() => "T" + Interlocked.Increment(ref _symbols).ToString(CultureInfo.InvariantCulture);

    private static int _symbols;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _producer?.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
