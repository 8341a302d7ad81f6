using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Client;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>Requests that go to an API that misbehaves, and how the client is registered.</summary>
public sealed class AnswersTests
{
    private const string Meta = """{"version":"1-0-5","event_time":null,"age_ms":null,"lag_ms":null,"stale":true}""";

    [Fact]
    public async Task Problem_is_thrown_with_all_that_it_reports()
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(
            503,
            "application/problem+json",
            """{"title":"Service Unavailable","status":503,"detail":"The state is 9 ms behind.","parameter":"max_staleness_ms"}""",
            ("Retry-After", "2")));

        var error = await Assert.ThrowsAsync<RadarApiException>(
            () => api.Client().GetTickerAsync("X", maxStaleness: TimeSpan.FromMilliseconds(1)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, error.Status);
        Assert.Equal("Service Unavailable", error.Title);
        Assert.Equal("The state is 9 ms behind.", error.Detail);
        Assert.Equal("max_staleness_ms", error.Parameter);
        Assert.Equal(TimeSpan.FromSeconds(2), error.RetryAfter);
        Assert.Contains("503 Service Unavailable: The state is 9 ms behind.", error.Message, StringComparison.Ordinal);
        Assert.Equal("/api/v2/tickers/X?max_staleness_ms=1", (await api.CallAsync()).Target);
    }

    [Theory]
    [InlineData(502, "text/html", "<html>")]
    [InlineData(404, "text/html", "Not here")]
    [InlineData(404, "application/problem+json", """{"title":"Not Found","detail":"There is nothing at /api/v2/tickers/X."}""")]
    [InlineData(500, "application/json", "{")]
    [InlineData(200, "text/html", "<html>Log in</html>")]
    [InlineData(200, "application/json", "null")]
    [InlineData(200, "application/json",
        """{"symbol":"X","t":"2024-08-09T12:00:00.000Z","s":1,"i":1,"side":null,"venue":null,"meta":{}}""")]
    [InlineData(302, "text/plain", "")]
    public async Task Answer_that_is_none_of_Radar_is_an_error_and_not_an_unknown_symbol(int status, string type, string body)
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(status, type, body));

        var error = await Assert.ThrowsAsync<RadarApiException>(() => api.Client().GetTickerAsync("X"));

        Assert.Equal(status, (int)error.Status);
        Assert.Null(error.Parameter);
    }

    [Fact]
    public async Task Unknown_symbol_is_null_or_nothing()
    {
        Func<ApiCall, Task> unknown = call => call.AnswerAsync(
            404, "application/problem+json", """{"title":"Not Found","status":404,"detail":"X is unknown.","parameter":"symbol"}""");
        await using var api = await MisbehavingApi.StartAsync(unknown, unknown, unknown, unknown, unknown);
        var client = api.Client();

        Assert.Null(await client.GetTickerAsync("X"));
        Assert.Null(await client.GetTradesAsync("X"));
        Assert.Null(await client.GetBarsAsync("X"));
        Assert.Empty(await client.ListTradesAsync("X").ToListAsync());
        Assert.Empty(await client.ListBarsAsync("X").ToListAsync());
    }

    [Fact]
    public async Task List_whose_symbol_becomes_unknown_between_two_pages_does_not_look_complete()
    {
        Func<ApiCall, Task> unknown = call => call.AnswerAsync(
            404, "application/problem+json", """{"title":"Not Found","status":404,"detail":"X is unknown.","parameter":"symbol"}""");
        await using var api = await MisbehavingApi.StartAsync(
            call => call.AnswerAsync(200, "application/json",
                $$"""{"symbol":"X","trades":[{{Item("X", 1)}}],"next_page_token":"2","meta":{{Meta}}}"""),
            unknown,
            call => call.AnswerAsync(200, "application/json", $$"""{"symbol":"X","bars":[],"next_page_token":"2","meta":{{Meta}}}"""),
            unknown,
            unknown);
        var client = api.Client();

        var received = new List<Trade>();
        var error = await Assert.ThrowsAsync<RadarApiException>(async () =>
        {
            await foreach (Trade trade in client.ListTradesAsync("X"))
                received.Add(trade);
        });
        Assert.Equal(HttpStatusCode.NotFound, error.Status);
        Assert.Single(received);
        await Assert.ThrowsAsync<RadarApiException>(async () => await client.ListBarsAsync("X").ToListAsync());
        await Assert.ThrowsAsync<RadarApiException>(
            async () => await client.ListTradesAsync("X", new HistoryQuery { PageToken = "2" }).ToListAsync());
    }

    [Fact]
    public async Task What_the_state_lacks_is_reported_as_the_API_does()
    {
        string? marks = IntegrityMarks.Served(IntegrityMarks.Add(
            Marks.Hole, new IntegrityMark(
                1, IntegrityMarks.Damage, null, null, null, null, Marks.Found, "It is missing.", "radar:{1.p01}:latest")));
        string meta = $"{Meta[..^1]},\"incomplete\":{marks}}}";
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(
            200, "application/json", $$"""{"symbol":"X","bars":[],"next_page_token":null,"meta":{{meta}}}"""));

        var page = await api.Client().GetBarsAsync("X", Timeframe.Day);

        DateTimeOffset found = new(Marks.Found);
        Assert.Equal(
            [
                new IncompletePart(0, "retention", found, "Records are missing.", 10, 20, found.AddHours(-2), found.AddHours(-1)),
                new IncompletePart(1, "damage", found, "It is missing."),
            ],
            page!.Meta.Incomplete!);
    }

    [Fact]
    public async Task API_that_does_not_answer_is_an_HttpRequestException()
    {
        var api = await MisbehavingApi.StartAsync();
        var client = api.Client();
        await api.DisposeAsync();

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetLagAsync());

        Assert.Null(error.StatusCode);
    }

    [Fact]
    public async Task Times_are_asked_for_in_whole_milliseconds_that_are_within_them()
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(
            200, "application/json", $$"""{"symbol":"XBT/USD","bars":[],"next_page_token":null,"meta":{{Meta}}}"""));
        var noon = new DateTimeOffset(2024, 8, 9, 14, 0, 0, TimeSpan.FromHours(2));
        var half = TimeSpan.FromMicroseconds(500);

        await api.Client().GetBarsAsync(
            "XBT/USD",
            Timeframe.Day,
            new HistoryQuery
            {
                Start = noon + half, End = noon + half, NewestFirst = true, Limit = 7, PageToken = "a+b", AsOf = noon,
                MaxStaleness = TimeSpan.FromSeconds(1),
            });

        Assert.Equal(
            "/api/v2/bars/XBT%2FUSD?timeframe=1Day&start=1723204800001&end=1723204800000&sort=desc&limit=7"
                + "&page_token=a+b&as_of=1723204800000&max_staleness_ms=1000",
            (await api.CallAsync()).Target);
    }

    [Fact]
    public async Task Times_that_no_event_can_have_are_asked_for_as_the_first_and_the_last()
    {
        Func<ApiCall, Task> answer = call => call.AnswerAsync(200, "application/json",
            $$"""{"symbol":"X","trades":[],"next_page_token":null,"meta":{{Meta}}}""");
        await using var api = await MisbehavingApi.StartAsync(answer, answer, answer);

        await api.Client().GetTradesAsync("X", new HistoryQuery { Start = DateTimeOffset.MinValue, End = DateTimeOffset.MaxValue });
        await api.Client().GetTradesAsync("X", new HistoryQuery { Start = DateTimeOffset.MaxValue, AsOf = DateTimeOffset.MaxValue });
        await api.Client().GetTradesAsync(
            "X", new HistoryQuery { End = DateTimeOffset.UnixEpoch.AddTicks(-1), AsOf = DateTimeOffset.MinValue });

        Assert.EndsWith("?start=0&end=253402300799999", (await api.CallAsync()).Target, StringComparison.Ordinal);
        Assert.EndsWith("?start=253402300799999&as_of=253402300799999", (await api.CallAsync()).Target, StringComparison.Ordinal);
        Assert.EndsWith("?end=0&as_of=0", (await api.CallAsync()).Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/radar")]
    [InlineData("/radar/")]
    public async Task Path_of_the_address_stays_before_the_API_s(string path)
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(
            200, "application/json",
                """{"messages":3,"seconds":0.25,"partitions":[{"partition":1,"position":2,"end":5,"messages":3,"seconds":0.25}]}"""));

        var lag = await api.Client(configure: options => options.BaseAddress = new Uri(api.Address, path)).GetLagAsync();

        Assert.Equal(path.TrimEnd('/') + "/api/v2/lag", (await api.CallAsync()).Target);
        Assert.Equal((3, TimeSpan.FromMilliseconds(250)), (lag.Messages, lag.Time));
        Assert.Equal(new PartitionLag(1, 2, 5, 3, TimeSpan.FromMilliseconds(250)), lag.Partitions.Single());
    }

    [Fact]
    public async Task Registered_client_takes_handlers_and_its_stream_outlives_their_timeouts()
    {
        var time = new FakeTimeProvider();
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Snapshot("a"));
            await late.Task;
            await call.SendAsync(Trade(1, "b"));
            await call.HoldAsync();
        });
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time);
        services.AddRadarClient(options => options.BaseAddress = api.Address).AddStandardResilienceHandler(resilience =>
        {
            resilience.AttemptTimeout.Timeout = TimeSpan.FromSeconds(0.5);
            resilience.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(1);
            resilience.CircuitBreaker.SamplingDuration = TimeSpan.FromSeconds(1);
        });
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<RadarClient>();

        await using (var stream = client.StreamAsync(StreamChannels.Trades).GetAsyncEnumerator())
        {
            while (stream.Current is not SnapshotEvent)
                Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Wait.Limit));
            time.Advance(TimeSpan.FromSeconds(1.5)); // past both timeouts
            late.SetResult();
            Assert.True(await stream.MoveNextAsync().AsTask().WaitAsync(Wait.Limit));
            Assert.Equal(1, Assert.IsType<TradeEvent>(stream.Current).Trade.Price);
        }

        Assert.Equal(1, api.Count);

        // The timeouts count on that clock: a request that is never answered ends by them.
        var unanswered = client.GetLagAsync();
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(0.5));
                return Task.FromResult(unanswered.IsCompleted);
            },
            "the request is given up");
        Assert.Equal("TimeoutRejectedException", (await Assert.ThrowsAnyAsync<Exception>(() => unanswered)).GetType().Name);
    }

    [Theory]
    [InlineData("http://radar-api")]
    [InlineData("https+http://radar-api/radar")]
    public async Task Address_may_be_a_name_that_service_discovery_knows(string name)
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(200, "application/json",
            """{"messages":0,"seconds":0,"partitions":[]}"""));
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["Services:radar-api:http:0"] = api.Address.ToString();
        builder.Services.AddServiceDiscovery();
        builder.Services.AddRadarClient(options => options.BaseAddress = new Uri(name)).AddServiceDiscovery();
        using var host = builder.Build();

        Assert.Equal(0, (await host.Services.GetRequiredService<RadarClient>().GetLagAsync()).Messages);
        Assert.EndsWith("/api/v2/lag", (await api.CallAsync()).Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_does_not_start_with_options_that_are_wrong_and_reports_all_of_them()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddRadarClient(options =>
        {
            options.BaseAddress = new Uri("ftp://radar-api");
            options.StreamSilenceMs = 0;
            options.ReconnectDelayMs = 10_000;
        });
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("ftp://radar-api", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(RadarClientOptions.StreamSilenceMs), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(RadarClientOptions.ReconnectDelayMs), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_without_an_address_is_refused_and_reports_what_is_missing()
    {
        using var http = new HttpClient();

        Assert.Contains("BaseAddress is missing", Assert.Throws<OptionsValidationException>(() => new RadarClient(http)).Message,
            StringComparison.Ordinal);
        http.BaseAddress = new Uri("http://127.0.0.1:8000");
        Assert.NotNull(new RadarClient(http));
    }
}
