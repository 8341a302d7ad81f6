using System.Globalization;
using System.Text.Json.Nodes;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using Radar.Tests.Fixtures.Otlp;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// What the whole application does, whatever infrastructure it runs on. The reference is the topic, read by a client of the test's own.
/// </summary>
[TestCaseOrderer(RunOrder.Type, RunOrder.Assembly)]
public abstract partial class PathContractTests(SharedAppHost shared)
{
    private const string Symbol = RunningAppHost.Symbol;

    private protected RunningAppHost Host => shared.Host;

    private string Topic => shared.Topic;

    [ContractFact]
    public async Task Ticks_come_out_of_REST_and_of_the_stream_as_they_are_in_the_topic()
    {
        var api = Host.Api();
        await using var stream = await OpenAsync(api, $"channels=trades&symbols={Symbol}");
        var streamed = new List<Trade>();
        while (streamed.Count < 5)
            streamed.Add(await NextTradeAsync(stream));

        await AssertServedAsTheTopicHasItAsync();

        var topic = await ReadTopicAsync();
        var trades = await JsonAsync(api, $"/api/v2/trades/{Symbol}");
        Assert.Equal(topic.Before(Symbol, PositionOf(trades)).SkipWhile(trade => trade != streamed[0]).Take(5), streamed);
    }

    [ContractFact]
    public async Task Two_replicas_of_the_API_give_equal_answers_at_equal_versions()
    {
        var replicas = Host.Replicas("api");
        Assert.Equal(2, replicas.Count);
        string[] paths =
        [
            $"/api/v2/tickers/{Symbol}", $"/api/v2/trades/{Symbol}?limit=100", $"/api/v2/bars/{Symbol}?timeframe=1Min", "/api/v2/tickers",
            $"/api/v2/snapshots?symbols={Symbol},ETHUSDT",
        ];
        foreach (string path in paths)
        {
            JsonObject[] answers = [];
            await Host.UntilAsync(
                async () =>
                {
                    answers = await Task.WhenAll(replicas.Select(replica => JsonAsync(replica, path)));
                    return VersionOf(answers[0]) == VersionOf(answers[1]);
                },
                $"both replicas are at one version of {path}",
                () => string.Join(" and ", answers.Select(VersionOf)));

            Assert.Equal(WithoutAge(answers[0]), WithoutAge(answers[1]));
        }
    }

    [ContractFact]
    public async Task A_stream_goes_on_at_the_other_replica_and_gives_every_trade_once()
    {
        var replicas = Host.Replicas("api");
        var streamed = new List<Trade>();
        string? last = null;
        foreach (var replica in replicas.Append(replicas[0]))
        {
            await using var stream = await OpenAsync(replica, $"channels=trades&symbols={Symbol}", last);
            for (int i = 0; i < 3; i++)
                streamed.Add(await NextTradeAsync(stream));
            last = stream.LastId;
        }

        var trades = await JsonAsync(replicas[0], $"/api/v2/trades/{Symbol}");
        var topic = await ReadTopicAsync();
        Assert.Equal(topic.Before(Symbol, PositionOf(trades)).SkipWhile(trade => trade != streamed[0]).Take(streamed.Count), streamed);
    }

    [ContractFact]
    public async Task Page_and_stream_work_through_the_proxy_in_front_of_two_replicas()
    {
        for (int i = 0; i < 4; i++) // connections go to the replicas in turn, so that both get some of these
        {
            var api = Host.Api();
            string page = await Host.WithinAsync(api.GetStringAsync(new Uri("/", UriKind.Relative)), "the page is served");
            Assert.Contains("/page/app.js", page, StringComparison.Ordinal);
            string script = await Host.WithinAsync(api.GetStringAsync(new Uri("/page/app.js", UriKind.Relative)), "its script is served");
            Assert.NotEmpty(script);
            await using var stream = await OpenAsync(api, "");
            var snapshot = await Host.WithinAsync(stream.NextAsync("snapshot"), "the snapshot comes");
            Assert.Contains(snapshot.Tickers, ticker => ticker.Item1 == Symbol);
            await Host.WithinAsync(stream.NextAsync("ticker"), "a ticker comes");
        }
    }

    [ContractFact]
    public async Task One_trace_goes_from_send_over_process_and_the_write_to_the_push_each_the_child_of_the_one_before()
    {
        await using var stream = await OpenAsync(Host.Api(), $"channels=tickers&symbols={Symbol}");
        List<ExportedSpan> path = [], spans = [];
        await Host.UntilAsync(
            async () =>
            {
                await stream.NextAsync();
                spans = [.. Host.Telemetry.Spans];
                var byId = spans.ToLookup(span => span.SpanId);
                path = spans.Where(IsPush).Select(push => PathTo(push, byId)).FirstOrDefault(path => path.Count == 4 && IsSend(path[0]))
                    ?? [];
                return path.Count > 0;
            },
            "a trace was exported in which send, process, write and push are each the child of the one before",
            () => string.Join(Environment.NewLine, spans.TakeLast(20)));

        Assert.True(IsProcess(path[1]), path[1].ToString());
        Assert.True(IsWrite(path[2]), path[2].ToString());
        Assert.Equal("", path[0].ParentSpanId);
        Assert.Single(path.Select(span => span.TraceId).Distinct());
        Assert.All(path, span => Assert.False(span.IsError, span.ToString()));
        var write = path[2];
        Assert.Equal(ExportedSpanKind.Client, write.Kind);
        Assert.NotNull(write.Attributes.Text("db.operation.name"));
        Assert.NotNull(write.Attributes.Text("server.address")); // with these the dashboard draws Redis as a peer
        Assert.NotNull(write.Attributes.Text("server.port"));
    }

    /// <summary>A span and its ancestors, the first one first.</summary>
    private static List<ExportedSpan> PathTo(ExportedSpan span, ILookup<string, ExportedSpan> byId)
    {
        List<ExportedSpan> path = [];
        for (ExportedSpan? next = span; next is not null; next = byId[next.ParentSpanId].FirstOrDefault())
            path.Insert(0, next);
        return path;
    }

    private bool IsSend(ExportedSpan span) => span.Service.Name == "producer" && span.Name == "send " + Topic;

    private bool IsProcess(ExportedSpan span) => span.Service.Name == "consumer" && span.Name == "process " + Topic;

    private static bool IsWrite(ExportedSpan span) => span.Service.Name == "consumer" && span.Attributes.Text("db.system.name") == "redis";

    private bool IsPush(ExportedSpan span) => span.Service.Name == "api" && span.Name == "push " + Topic;

    private static string VersionOf(JsonObject answer) => (string)answer["meta"]!["version"]!;

    /// <summary>The answer without what goes on with the clock.</summary>
    private static string WithoutAge(JsonObject answer)
    {
        foreach (string member in new[] { "age_ms", "lag_ms", "stale" })
            answer["meta"]!.AsObject().Remove(member);
        return answer.ToJsonString();
    }

    /// <summary>Of a version <c>epoch-partition-position</c>.</summary>
    private static (int Partition, long Position) PositionOf(JsonObject answer)
    {
        string[] parts = VersionOf(answer).Split('-');
        return (int.Parse(parts[^2], CultureInfo.InvariantCulture), long.Parse(parts[^1], CultureInfo.InvariantCulture));
    }

    private Task<EventStream> OpenAsync(HttpClient client, string query, string? lastEventId = null) =>
        Host.WithinAsync(EventStream.OpenAsync(client, query, lastEventId), $"the stream opens at {client.BaseAddress}");

    private async Task<Trade> NextTradeAsync(EventStream stream)
    {
        StreamEvent next;
        do
            next = await Host.WithinAsync(stream.NextAsync(), "a trade comes in the stream");
        while (next.Type == "snapshot");
        Assert.Equal("trade", next.Type);
        return Trade.OfItem(next.Symbol!, next.Data);
    }

    private Task<JsonObject> JsonAsync(HttpClient client, string path) => Host.WithinAsync(RunningAppHost.JsonAsync(client, path), path);

    private async Task<TopicLog> ReadTopicAsync() =>
        await Host.WithinAsync(TopicLog.ReadAsync(await Host.ConnectionStringAsync("kafka"), Topic), "the topic is read");

    /// <summary>
    /// For every symbol: trades, bars and newest trade are what the records are that the answer's version names. An answer is taken first
    /// and the topic read afterwards, so that ticks may go on coming.
    /// </summary>
    private async Task AssertServedAsTheTopicHasItAsync()
    {
        const int Retained = 1000;
        var api = Host.Api();
        var symbols = (await JsonAsync(api, "/api/v2/symbols"))["symbols"]!.AsArray().Select(symbol => (string)symbol!).ToList();
        var trades = new Dictionary<string, JsonObject>();
        var bars = new Dictionary<string, JsonObject>();
        var tickers = new Dictionary<string, JsonObject>();
        foreach (string symbol in symbols)
        {
            trades[symbol] = await JsonAsync(api, $"/api/v2/trades/{symbol}?sort=desc&limit={Retained}");
            bars[symbol] = await JsonAsync(api, $"/api/v2/bars/{symbol}?timeframe=1Day");
            tickers[symbol] = await JsonAsync(api, $"/api/v2/tickers/{symbol}");
        }

        var topic = await ReadTopicAsync();

        Assert.Equal(topic.Symbols, symbols);
        foreach (string symbol in symbols)
        {
            var newestFirst = trades[symbol]["trades"]!.AsArray().Select(item => Trade.OfItem(symbol, item!));
            Assert.Equal(topic.Before(symbol, PositionOf(trades[symbol])).TakeLast(Retained), newestFirst.Reverse());

            var counted = topic.Before(symbol, PositionOf(bars[symbol]));
            var days = bars[symbol]["bars"]!.AsArray();
            Assert.Equal(counted.Count, days.Sum(bar => (long)bar!["n"]!));
            Assert.Equal(counted.Sum(trade => trade.Size), days.Sum(bar => (decimal)bar!["v"]!));

            var newest = topic.Before(symbol, PositionOf(tickers[symbol])).Select((trade, at) => (trade, at))
                .MaxBy(one => (one.trade.TimeMs, one.at));
            Assert.Equal(newest.trade, Trade.OfItem(symbol, tickers[symbol]));
        }
    }
}
