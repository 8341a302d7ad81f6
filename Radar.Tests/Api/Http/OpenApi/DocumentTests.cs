using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Board;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.OpenApi;

public sealed partial class DocumentTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private ApiWorld _world = null!;
    private JsonObject _document = null!;

    public async Task InitializeAsync()
    {
        _world = await ApiWorld.StartAsync(_redis.Address, kafka: null);
        using var response = await _world.Http.GetAsync("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        _document = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public void Every_route_of_the_api_is_described_in_full()
    {
        var routes = _world.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(route => route.StartsWith("/api/", StringComparison.Ordinal))
            .Select(route => route.Replace("{**symbol:minlength(1)}", "{symbol}", StringComparison.Ordinal));

        Assert.Equal(routes.Order(), _document["paths"]!.AsObject().Select(path => path.Key).Order());
        foreach (var (path, item) in _document["paths"]!.AsObject())
        {
            Assert.Equal(["get"], item!.AsObject().Select(method => method.Key)); // HEAD is not said twice
            var operation = item["get"]!;
            Assert.NotNull(operation["summary"]);
            Assert.NotNull(operation["operationId"]);
            bool ofSymbol = path.Contains("{symbol}", StringComparison.Ordinal),
                isStream = path.EndsWith("/stream", StringComparison.Ordinal);
            string[] statuses = ofSymbol ? ["200", "304", "400", "404", "503", "default"]
                : isStream ? ["200", "400", "404", "503", "default"]
                : path is "/api/v2/lag" or "/api/v2/dead-letters" ? ["200", "400", "503", "default"]
                : ["200", "304", "400", "503", "default"];
            Assert.Equal(statuses, operation["responses"]!.AsObject().Select(response => response.Key).Order());
            foreach (var (status, response) in operation["responses"]!.AsObject())
            {
                Assert.NotEqual("", (string?)response!["description"]);
                if (status == "304")
                    continue;
                var (contentType, body) = Assert.Single(response["content"]!.AsObject());
                Assert.Equal(status != "200" ? "application/problem+json" : isStream ? "text/event-stream" : "application/json",
                    contentType);
                Assert.NotNull(body!["example"]);
                if (status == "default")
                    Assert.NotNull(body["example"].Deserialize<Problem>(ApiWorld.Strict));
                else if (status != "200")
                    Assert.Equal(status, body["example"].Deserialize<Problem>(ApiWorld.Strict)!.Status.ToString(
                        System.Globalization.CultureInfo.InvariantCulture));
                if (contentType == "text/event-stream")
                    continue;
                Assert.NotNull(Resolve(body["schema"]!)["properties"]);
            }

            foreach (var parameter in (operation["parameters"] ?? new JsonArray()).AsArray())
            {
                Assert.NotEqual("", (string?)parameter!["description"]);
                Assert.NotNull(parameter["schema"]!["type"]);
                // Swagger UI fills in what has an example, and sends it.
                Assert.Equal((bool?)parameter["required"] ?? false, parameter["example"] is not null);
            }
        }
    }

    [Fact]
    public void Parameters_are_described_as_they_are_read()
    {
        Assert.Equal(["If-None-Match", "as_of", "end", "limit", "max_staleness_ms", "page_token", "sort", "start", "symbol"],
            Names("/api/v2/trades/{symbol}"));
        Assert.Equal(
            ["If-None-Match", "as_of", "end", "limit", "max_staleness_ms", "page_token", "sort", "start", "symbol", "timeframe"],
            Names("/api/v2/bars/{symbol}"));
        Assert.Equal(["If-None-Match", "as_of", "max_staleness_ms", "symbol"], Names("/api/v2/tickers/{symbol}"));
        Assert.Equal(["If-None-Match", "as_of", "limit", "max_staleness_ms", "page_token", "symbols"], Names("/api/v2/tickers"));
        Assert.Equal(["If-None-Match", "limit", "max_staleness_ms", "page_token", "prefix"], Names("/api/v2/symbols"));
        Assert.Equal(["If-None-Match", "as_of", "max_staleness_ms", "symbols"], Names("/api/v2/snapshots"));
        Assert.Equal(["If-None-Match", "max_staleness_ms", "top"], Names("/api/v2/movers"));
        Assert.Equal(["Last-Event-ID", "channels", "max_staleness_ms", "since", "strict", "symbols", "ticket"], Names("/api/v2/stream"));
        Assert.Empty(Names("/api/v2/lag"));
        Assert.Equal(["limit", "page_token"], Names("/api/v2/dead-letters"));

        var limit = Parameter("/api/v2/trades/{symbol}", "limit")["schema"]!;
        Assert.Equal((1, 10_000, 1000), ((int)limit["minimum"]!, (int)limit["maximum"]!, (int)limit["default"]!));
        Assert.True((bool)Parameter("/api/v2/snapshots", "symbols")["required"]!);
        Assert.Null(Parameter("/api/v2/tickers", "symbols")["required"]);
        string pattern = (string)Parameter("/api/v2/snapshots", "symbols")["schema"]!["pattern"]!;
        Assert.Matches(pattern, "A,b/c" + string.Concat(Enumerable.Repeat(",x", 98)));
        Assert.DoesNotMatch(pattern, "A" + string.Concat(Enumerable.Repeat(",x", 100)));
        Assert.DoesNotMatch(pattern, "A,");
        var timeframe = Parameter("/api/v2/bars/{symbol}", "timeframe")["schema"]!;
        Assert.Equal(
            BarTimeframe.All.SelectMany(frame => (string[])[frame.Name, .. frame.Aliases]),
            timeframe["enum"]!.AsArray().Select(name => (string?)name));
        Assert.Equal("1Min", (string?)timeframe["default"]);
        Assert.True((bool)Parameter("/api/v2/bars/{symbol}", "symbol")["required"]!);

        string[] Names(string path) =>
            [.. (_document["paths"]![path]!["get"]!["parameters"] ?? new JsonArray()).AsArray()
                .Select(parameter => (string)parameter!["name"]!)
                .Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Example_of_every_query_parameter_is_accepted()
    {
        await _world.ApplyAsync(
            0, [ApiWorld.Tick("BTCUSDT", 1, new DateTimeOffset(2024, 8, 8, 23, 54, 15, TimeSpan.Zero).ToUnixTimeMilliseconds())]);
        foreach (var (path, operation) in Operations())
        {
            foreach (QueryParameter parameter in operation.Parameters.Where(parameter => parameter.Name != Parameters.PageToken.Name))
            {
                using var response = await _world.Http.GetAsync(
                    path + (NeedsSymbols(path, parameter.Name) ? "?symbols=BTCUSDT&" : "?")
                        + $"{parameter.Name}={Uri.EscapeDataString(parameter.Example)}",
                    HttpCompletionOption.ResponseHeadersRead);
                Assert.True(
                    response.StatusCode == HttpStatusCode.OK
                        || ((parameter.Name == Parameters.MaxStalenessMs.Name || path == "/api/v2/dead-letters") // there is no Kafka
                            && response.StatusCode == HttpStatusCode.ServiceUnavailable),
                    $"{path} {parameter.Name}: {response.StatusCode}");
            }
        }
    }

    /// <summary>Swagger UI sends examples and defaults.</summary>
    [Fact]
    public async Task Read_with_what_a_page_fills_in_is_answered()
    {
        await _world.ApplyAsync(0, [ApiWorld.Tick("BTCUSDT", 1)]);
        foreach (var (path, operation) in Operations().Where(described => described.Operation.Kind != RouteKind.Stream))
        {
            var parameters = (_document["paths"]![path.Replace("BTCUSDT", "{symbol}", StringComparison.Ordinal)]!["get"]!["parameters"]
                ?? new JsonArray()).AsArray().Where(parameter => (string?)parameter!["in"] == "query");
            var filled = parameters
                .Select(parameter => (Name: (string)parameter!["name"]!, Value: parameter["example"] ?? parameter["schema"]!["default"]))
                .Where(parameter => parameter.Value is not null)
                .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!.ToString())}");
            using var response = await _world.Http.GetAsync(path + "?" + string.Join('&', filled));
            Assert.True(
                response.StatusCode == HttpStatusCode.OK || operation.Kind == RouteKind.Measurement, $"{path}: {response.StatusCode}");
        }
    }

    private IEnumerable<(string Path, ApiOperation Operation)> Operations() =>
        _world.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ApiOperation>() is not null)
            .Select(endpoint => (
                "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
                    .Replace("{**symbol:minlength(1)}", "BTCUSDT", StringComparison.Ordinal),
                endpoint.Metadata.GetMetadata<ApiOperation>()!));

    [Fact]
    public void Data_of_every_event_of_a_stream_is_described_and_is_so()
    {
        var bar = Encoding.ASCII.GetBytes("""{"t":"2024-08-08T23:54:00.000Z","o":1,"h":1,"l":1,"c":1,"v":0,"n":1,"vw":null}""" + "\n0");
        var trade = Encoding.ASCII.GetBytes("""{"t":"2024-08-08T23:54:00.000Z","p":1,"s":0,"i":null,"side":null,"venue":null}""" + "\n0 0");
        Is<HeartbeatData>(StreamFrame.Heartbeat(ApiWorld.Noon, null, stale: true, Marks.Hole, intervalMs: 5000, [ApiWorld.Noon, 0]));
        Is<ResetData>(StreamFrame.Reset("why"));
        Is<ShutdownData>(StreamFrame.Shutdown(500));
        Is<SnapshotData>(new StreamFrame(StreamSnapshot.Of(new BoardView(BoardVersion.Empty, []), static _ => { }).Pieces[0].ToArray()));
        Is<BarData>(StreamFrame.Bar("A", Timeframe.Minute, bar, isNewest: true));
        Is<TickerItem>(StreamFrame.Trade("A", trade));

        var tickers = _document["components"]!["schemas"]![nameof(SnapshotData)]!["properties"]!["tickers"]!;
        Assert.Equal("#/components/schemas/" + nameof(TickerItem), (string?)tickers["items"]!["$ref"]);

        void Is<T>(StreamFrame frame)
        {
            string data = Encoding.UTF8.GetString(frame.Bytes.Span).Split('\n')
                .Single(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..];
            Assert.NotNull(JsonSerializer.Deserialize<T>(data, ApiWorld.Strict));
            var described = _document["components"]!["schemas"]![typeof(T).Name]!["properties"]!.AsObject();
            Assert.Equal(JsonNode.Parse(data)!.AsObject().Select(member => member.Key).Order(),
                described.Select(member => member.Key).Order());
            Assert.Contains(typeof(T).Name, (string?)_document["paths"]!["/api/v2/stream"]!["get"]!["description"],
                StringComparison.Ordinal);
        }
    }

    private static bool NeedsSymbols(string path, string name) =>
        name != Parameters.Symbols.Name && (path == "/api/v2/snapshots" || (path == "/api/v2/tickers" && name == Parameters.AsOf.Name));

    [Theory]
    [InlineData("/api/v2/symbols", typeof(SymbolsAnswer))]
    [InlineData("/api/v2/tickers", typeof(TickersAnswer))]
    [InlineData("/api/v2/snapshots", typeof(SnapshotsAnswer))]
    [InlineData("/api/v2/movers", typeof(MoversAnswer))]
    [InlineData("/api/v1/ticker/{symbol}", typeof(CompatibleTicker))]
    [InlineData("/api/v1/history/{symbol}", typeof(CompatibleHistory))]
    [InlineData("/api/v2/tickers/{symbol}", typeof(TickerAnswer))]
    [InlineData("/api/v2/trades/{symbol}", typeof(TradesAnswer))]
    [InlineData("/api/v2/bars/{symbol}", typeof(BarsAnswer))]
    [InlineData("/api/v2/lag", typeof(LagAnswer))]
    [InlineData("/api/v2/dead-letters", typeof(DeadLettersAnswer))]
    public void Example_of_every_answer_is_as_the_contract_has_it(string path, Type contract)
    {
        var ok = _document["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!;

        Assert.Equal("#/components/schemas/" + contract.Name, (string?)ok["schema"]!["$ref"]);
        Assert.NotNull(ok["example"].Deserialize(contract, ApiWorld.Strict));
    }

    [Fact]
    public async Task Page_of_the_document_needs_nothing_from_elsewhere()
    {
        Assert.Contains("href=\"/docs\"", await _world.Http.GetStringAsync("/"), StringComparison.Ordinal);
        using var docs = await _world.Http.GetAsync("/docs");
        string index = await _world.Http.GetStringAsync(new Uri(new Uri(_world.Http.BaseAddress!, "/docs"), docs.Headers.Location!));
        Assert.DoesNotContain("://", index, StringComparison.Ordinal);
        foreach (Match asset in Asset().Matches(index))
        {
            using var response = await _world.Http.GetAsync("/docs/" + asset.Groups[1].Value);
            Assert.True(response.StatusCode == HttpStatusCode.OK, asset.Value);
        }

        Assert.Contains("/openapi/v1.json", await _world.Http.GetStringAsync("/docs/index.js"), StringComparison.Ordinal);
    }

    private JsonNode Resolve(JsonNode schema) =>
        schema["$ref"] is { } reference ? _document["components"]!["schemas"]![((string)reference!).Split('/')[^1]]! : schema;

    private JsonNode Parameter(string path, string name) =>
        _document["paths"]![path]!["get"]!["parameters"]!.AsArray().Single(parameter => (string?)parameter!["name"] == name)!;

    [GeneratedRegex("(?:src|href)=\"(?:\\./)?([^\"]+)\"")]
    private static partial Regex Asset();
}
