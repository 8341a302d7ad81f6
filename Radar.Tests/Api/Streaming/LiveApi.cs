using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api;
using Radar.Api.Board;
using Radar.Market;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Api.Streaming;

/// <summary>One API process beside a Redis that the test writes to; no Kafka answers.</summary>
internal sealed class LiveApi : IAsyncDisposable
{
    /// <summary>
    /// The board is compared with Redis again and again. Otherwise a test has only what it does itself: where a process stands still for
    /// a while, the audit takes a message that waits for a lost one, and brings clients up to date from Redis.
    /// </summary>
    public static readonly string[] Audited = ["--Api:BoardAuditMs", "100"];

    private readonly WebApplication _app;
    private readonly MeterListener _meters = new();
    private readonly Dictionary<string, long> _counted = [];

    private LiveApi(WebApplication app, string redis)
    {
        _app = app;
        Redis = PatientRedis.Connect(redis + ",allowAdmin=true");
        var factory = app.Services.GetRequiredService<IMeterFactory>();
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var of = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            string name = instrument.Name + (of.GetValueOrDefault(TelemetryNames.Reason) is string reason ? "/" + reason : "");
            Add(name, value);
            if (of.GetValueOrDefault(TelemetryNames.DestinationPartition) is string partition)
                Add($"{name} of {partition}", value);
        });
    }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { MaxConnectionsPerServer = 10_000 });

    public IServiceProvider Services => _app.Services;

    public LiveBoard Board => Get<LiveBoard>();

    public ConnectionMultiplexer Redis { get; }

    /// <summary>Starts an API; returns when its board is whole.</summary>
    public static async Task<LiveApi> StartAsync(string redis, params string[] more)
    {
        LiveApi api = await StartUnreadyAsync(redis, more);
        await Wait.UntilAsync(() => api.Board.Status.IsInSync, "the board is whole");
        return api;
    }

    /// <summary>Starts an API; returns when it listens.</summary>
    public static async Task<LiveApi> StartUnreadyAsync(string redis, params string[] more)
    {
        var app = ApiService.Build(
        [
            "--urls", "http://127.0.0.1:0", "--ConnectionStrings:redis", PatientRedis.Of(redis), "--ConnectionStrings:kafka", "127.0.0.1:1",
            "--Api:KafkaTimeoutMs", "500", "--Api:RequestDeadlineMs", "60000", "--Api:BoardAuditMs", "60000", "--Logging:LogLevel:Default",
            "None", .. more,
        ]);
        var api = new LiveApi(app, redis);
        api._meters.Start();
        await app.StartAsync();
        api.Http.BaseAddress = new Uri(app.Urls.Single());
        return api;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Sum of a counter; with a reason, <c>name/reason</c>; of one partition, <c>name/reason of 1</c>.</summary>
    public long Counted(string name)
    {
        lock (_counted)
            return _counted.GetValueOrDefault(name);
    }

    public Task ReachedAsync(int partition, long position) =>
        Wait.UntilAsync(() => Board.Status.PositionOf(partition) >= position, $"partition {partition} is at {position}");

    public async Task<JsonObject> JsonAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {text}");
        PublicText.AssertHasNoInternals(text);
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Waits for <c>/health</c> to answer so; the board's own state where one is given.</summary>
    public Task UntilHealthAsync(System.Net.HttpStatusCode status, string? board = null) => Wait.UntilAsync(
        async () =>
        {
            using var response = await Http.GetAsync(new Uri("/health", UriKind.Relative));
            JsonNode checks = (await response.Content.ReadFromJsonAsync<JsonObject>())!["checks"]!;
            return response.StatusCode == status && (board is null || (string?)checks["board"]!["status"] == board);
        },
        $"health is {status} {board}");

    public Task<EventStream> StreamAsync(string query = "", string? lastEventId = null) => EventStream.OpenAsync(Http, query, lastEventId);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _meters.Dispose();
        await Redis.DisposeAsync();
    }

    private void Add(string name, long value)
    {
        lock (_counted)
            _counted[name] = _counted.GetValueOrDefault(name) + value;
    }
}
