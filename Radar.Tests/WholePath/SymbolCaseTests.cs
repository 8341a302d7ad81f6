using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Client;
using Radar.Consumer;
using Radar.Producer;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Consumer;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary><c>Producer:SymbolCase</c> from a recording to the stream: three symbols where case counts, one where it does not.</summary>
public sealed class SymbolCaseTests : IAsyncLifetime
{
    private const string Topic = "as-spelled";
    private const string Keep = "--Producer:SymbolCase=keep";
    private const long Noon = 1_723_204_800_000; // 2024-08-09T12:00:00Z

    // Trades of each spelling in the recording, in ordinal order; the nth trade has size n.
    private static readonly (string Symbol, int Trades)[] Recorded = [("KPEPE", 5), ("kPEPE", 3), ("kpepe", 4)];

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start();
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly string _folder = Directory.CreateTempSubdirectory("radar-case").FullName;

    public Task InitializeAsync()
    {
        // One partition, so that the trades of one spelling are behind those of another.
        foreach (string topic in new[] { Topic, Topic + ".dlq", "market-ticks", "market-ticks.dlq" })
            _kafka.CreateTopic(topic, partitions: 1);
        var file = new StringBuilder("symbol,price,size,timestamp\n");
        for (int trade = 1; trade <= Recorded.Max(recorded => recorded.Trades); trade++)
        {
            foreach (var (symbol, _) in Recorded.Where(recorded => recorded.Trades >= trade))
                file.Append(CultureInfo.InvariantCulture, $"{symbol},{trade + 10},{trade},{Noon + trade}\n");
        }

        return File.WriteAllTextAsync(Path.Combine(_folder, "trades.csv"), file.ToString());
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        _redis.Dispose();
        _kafka.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Spellings_are_symbols_of_their_own_where_case_counts()
    {
        await using var path = On(Topic, Keep);
        using HttpClient api = await ServeRecordedAsync(path);
        var client = new RadarClient(api);

        Assert.Equal(Recorded.Select(recorded => recorded.Symbol), (await client.GetSymbolsAsync()).Symbols);
        Assert.Equal(["kPEPE", "kpepe"], (await client.GetSymbolsAsync("k")).Symbols);
        foreach (var (symbol, count) in Recorded)
        {
            Assert.Equal((symbol, 10m + count), await LatestAsync(api, "/api/v2/tickers/" + symbol, "p"));
            Assert.Equal((symbol, 10m + count), await LatestAsync(api, "/api/v1/ticker/" + symbol, "price"));
            Assert.Equal(count, (await RadarPath.GetAsync(api, "/api/v1/history/" + symbol))["history"]!.AsArray().Count);
            var trades = await RadarPath.AllAsync(api, $"/api/v2/trades/{symbol}?limit=2&sort=asc", "trades");
            Assert.Equal(Enumerable.Range(1, count).Select(size => (decimal)size), trades.Select(trade => (decimal)trade["s"]!));
            var bar = Assert.Single(await RadarPath.AllAsync(api, $"/api/v2/bars/{symbol}?timeframe=1Day", "bars"));
            Assert.Equal((count, count * (count + 1) / 2m), ((int)bar["n"]!, (decimal)bar["v"]!));
        }

        var listed = await RadarPath.AllAsync(api, "/api/v2/tickers?limit=1", "tickers");
        Assert.Equal(Recorded.Select(recorded => recorded.Symbol), listed.Select(ticker => (string)ticker["symbol"]!));
        var some = (await RadarPath.GetAsync(api, "/api/v2/tickers?symbols=kPEPE,kpepe,KPepe"))["tickers"]!.AsArray();
        Assert.Equal(["kPEPE", "kpepe"], some.Select(ticker => (string)ticker!["symbol"]!));
        Assert.Equal(["kPEPE"], (await client.GetSnapshotsAsync(["kPEPE"])).Snapshots.Select(item => item.LatestTrade.Symbol));
        using var page = await api.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Contains("<html data-symbol-case=\"keep\" ", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_spelling_is_unknown_and_the_answer_says_that_case_counts()
    {
        await using var path = On(Topic, Keep);
        using HttpClient api = await ServeRecordedAsync(path);

        foreach (string target in new[] { "tickers/KPepe", "trades/KPepe", "bars/KPepe", "stream?symbols=KPepe&strict=true" })
        {
            var problem = await ProblemAsync(api, "/api/v2/" + target, HttpStatusCode.NotFound);
            Assert.Equal(
                "KPepe is unknown: no trade of it has been ingested. Case counts here: /api/v2/symbols has the spellings.",
                (string?)problem["detail"]);
        }

        string token = (string)(await RadarPath.GetAsync(api, "/api/v2/trades/kPEPE?limit=1"))["next_page_token"]!;
        string next = $"/api/v2/trades/{{0}}?limit=1&page_token={Uri.EscapeDataString(token)}";
        await RadarPath.GetAsync(api, string.Format(CultureInfo.InvariantCulture, next, "kPEPE"));
        await ProblemAsync(api, string.Format(CultureInfo.InvariantCulture, next, "KPEPE"), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Stream_of_one_spelling_has_its_trades_only_from_the_first_event_and_from_a_resume()
    {
        await using var path = On(Topic, Keep);
        using HttpClient api = await ServeRecordedAsync(path);
        string since = (string)(await RadarPath.GetAsync(api, "/api/v2/tickers"))["meta"]!["version"]!;

        await using var live = new RadarClient(api).StreamAsync(StreamChannels.Trades | StreamChannels.Tickers, ["kPEPE"])
            .GetAsyncEnumerator();
        Assert.Equal("kPEPE", Assert.Single((await SnapshotAsync(live)).Tickers).Symbol);

        // Those of others come first: when that of the symbol arrives, they would have.
        await path.SendAsync(Event("KPEPE", 1), Event("kpepe", 2), Event("kPEPE", 3), Event("KPEPE", 4), Event("kPEPE", 5));
        Assert.Equal([3m, 5m], await PricesAsync(live, 2));

        await using var resumed = new RadarClient(api).StreamAsync(StreamChannels.Trades, ["kPEPE"], since).GetAsyncEnumerator();
        Assert.Equal([3m, 5m], await PricesAsync(resumed, 2));
    }

    [Fact]
    public async Task Key_in_another_spelling_goes_to_the_dead_letters_where_case_counts()
    {
        await using var path = On(Topic, Keep);
        await path.StartConsumerAsync();
        using HttpClient api = await path.StartApiAsync();
        await path.SendAsync(("KPEPE", Event("kPEPE", 1).Value), Event("kPEPE", 2));
        await RadarPath.BacklogAppliedAsync(api);

        var trades = await RadarPath.AllAsync(api, "/api/v2/trades/kPEPE?sort=asc", "trades");
        Assert.Equal([2m], trades.Select(trade => (decimal)trade["p"]!));
        var letter = Assert.Single(DeadLetterRecord.Read(_kafka.BootstrapServers, Topic + ".dlq", 1));
        Assert.Equal("key_mismatch", Encoding.UTF8.GetString(letter.Headers.GetLastBytes("radar.reason")));
    }

    [Fact]
    public async Task Default_is_one_symbol_in_upper_case_also_of_a_topic_in_which_case_counts()
    {
        await using var keeping = On(Topic, Keep);
        await ProduceAsync(keeping);
        await using var path = On(Topic);
        await path.StartConsumerAsync();
        using HttpClient api = await path.StartApiAsync();
        await RadarPath.BacklogAppliedAsync(api);

        Assert.Equal(["KPEPE"], (await new RadarClient(api).GetSymbolsAsync()).Symbols);
        foreach (string spelling in new[] { "kpepe", "KPEPE", "kPepe" })
        {
            var bar = Assert.Single(await RadarPath.AllAsync(api, $"/api/v2/bars/{spelling}?timeframe=1Day", "bars"));
            Assert.Equal((12, 15m + 6 + 10), ((int)bar["n"]!, (decimal)bar["v"]!));
        }

        var problem = await ProblemAsync(api, "/api/v2/tickers/nosuch", HttpStatusCode.NotFound);
        Assert.Equal("NOSUCH is unknown: no trade of it has been ingested.", (string?)problem["detail"]);
    }

    [Fact]
    public async Task Default_producer_refuses_the_second_spelling_and_sends_upper_case()
    {
        await using var path = On("market-ticks");
        using HttpClient api = await ServeRecordedAsync(path);

        Assert.Equal(["KPEPE"], (await new RadarClient(api).GetSymbolsAsync()).Symbols);
        Assert.Equal(5, (await RadarPath.AllAsync(api, "/api/v2/trades/kpepe?limit=10", "trades")).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task State_of_the_other_rule_is_left_alone_by_consumers_and_not_served(bool keeps)
    {
        await using var builder = On(Topic, keeps ? [Keep] : []);
        await using var others = On(Topic, keeps ? [] : [Keep]);
        WebApplication consumer = await builder.StartConsumerAsync();
        using (HttpClient api = await builder.StartApiAsync())
        {
            await builder.SendAsync(Event("kPEPE", 1), Event("KPEPE", 2));
            await RadarPath.BacklogAppliedAsync(api);
            await builder.StopAsync(consumer);
        }

        string state = await RedisDump.OfAsync(builder.Redis, "radar:{*");
        WebApplication other = await others.StartConsumerAsync();
        using HttpClient refusing = await others.StartApiAsync();

        await HealthAsync(other, "lanes", "Producer:SymbolCase must be the same in all consumers");
        string said = keeps
            ? "The state keeps the case of symbols, and this API upper-cases them: set Producer:SymbolCase=keep, as its consumers have."
            : "The state's symbols are upper-cased, and this API has Producer:SymbolCase=keep: leave that out, or give the state's "
                + "consumers the same and have them rebuild it.";
        foreach (string target in new[] { "tickers/kPEPE", "trades/kPEPE", "bars/kPEPE", "tickers", "symbols", "movers", "stream" })
        {
            await Wait.ForAsync(
                async () => await refusing.GetAsync(
                    new Uri("/api/v2/" + target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead),
                answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable,
                answer => Task.FromResult($"{target} is refused: {answer.StatusCode}"));
            var problem = await ProblemAsync(refusing, "/api/v2/" + target, HttpStatusCode.ServiceUnavailable);
            Assert.Equal(said, (string?)problem["detail"]);
        }

        Assert.Equal("Unhealthy", await RadarPath.HealthAsync(refusing, "board"));
        Assert.Equal(state, await RedisDump.OfAsync(builder.Redis, "radar:{*"));
    }

    [Theory]
    [InlineData("--Producer:SymbolCase=keep", "Producer:SymbolCase=keep needs a topic of its own")]
    [InlineData("--Producer:SymbolCase=KEEP", "set Kafka:Topic to another name (--topic of Standalone)")]
    [InlineData("--Producer:SymbolCase=kep", "Producer:SymbolCase: there is no 'kep'. One of: upper, keep. Did you mean keep?")]
    [InlineData("--Producer:SymbolCase=1", "Producer:SymbolCase: there is no '1'. One of: upper, keep.")]
    [InlineData("--Producer:SymbolCase=", "Producer:SymbolCase: there is no ''. One of: upper, keep.")]
    public async Task Start_of_each_service_is_refused_with_one_sentence(string setting, string sentence)
    {
        foreach (var build in new Func<string[], WebApplication>[] { ProducerService.Build, ConsumerService.Build, ApiService.Build })
        {
            await using var host = build(
            [
                "--ConnectionStrings:kafka=127.0.0.1:1", "--ConnectionStrings:redis=127.0.0.1:1,connectTimeout=1",
                "--urls=http://127.0.0.1:0", setting,
            ]);

            var error = await Assert.ThrowsAsync<OptionsValidationException>(
                () => Radar.ServiceDefaults.ServiceRunner.StartAsync(host, CancellationToken.None));

            Assert.Contains(sentence, Assert.Single(error.Failures), StringComparison.Ordinal);
        }
    }

    private RadarPath On(string topic, params string[] settings) =>
        new(_kafka, _redis.Address, topic, ["--Kafka:TopicIdentity=test", "--Kafka:Partitions=1", .. settings]);

    /// <summary>An API that serves what is recorded.</summary>
    private async Task<HttpClient> ServeRecordedAsync(RadarPath path)
    {
        await path.StartConsumerAsync();
        HttpClient api = await path.StartApiAsync();
        await ProduceAsync(path);
        await RadarPath.BacklogAppliedAsync(api);
        return api;
    }

    private Task ProduceAsync(RadarPath path) => path.ProduceAsync(
        "--Producer:Source=replay", "--Producer:Replay:Speed=0", $"--Producer:Replay:Paths:0={Path.Combine(_folder, "trades.csv")}");

    private static (string? Key, string? Value) Event(string symbol, int price) =>
        (symbol, $$"""{"symbol":"{{symbol}}","price":{{price}},"timestamp":{{Noon + 1_000 + price}}}""");

    private static async Task<(string, decimal)> LatestAsync(HttpClient api, string path, string price)
    {
        var ticker = await RadarPath.GetAsync(api, path);
        return ((string)ticker["symbol"]!, (decimal)ticker[price]!);
    }

    internal static async Task<SnapshotEvent> SnapshotAsync(IAsyncEnumerator<StreamEvent> stream)
    {
        while (await stream.MoveNextAsync())
        {
            if (stream.Current is SnapshotEvent snapshot)
                return snapshot;
        }

        throw new InvalidOperationException("The stream has no snapshot.");
    }

    private static async Task<List<decimal>> PricesAsync(IAsyncEnumerator<StreamEvent> stream, int count)
    {
        var prices = new List<decimal>();
        while (prices.Count < count && await stream.MoveNextAsync())
        {
            if (stream.Current is TickerEvent { Ticker: var ticker })
                Assert.Equal("kPEPE", ticker.Symbol);
            if (stream.Current is not TradeEvent { Trade: var trade })
                continue;
            Assert.Equal("kPEPE", trade.Symbol);
            prices.Add(trade.Price);
        }

        return prices;
    }

    private static async Task<JsonObject> ProblemAsync(HttpClient api, string path, HttpStatusCode status)
    {
        using var response = await api.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        string body = response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{path}: {response.StatusCode} {body}");
        return JsonNode.Parse(body)!.AsObject();
    }

    private static async Task HealthAsync(WebApplication service, string check, string text) => await Wait.ForAsync(
        async () => (await service.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[check].Description ?? "",
        said => said.Contains(text, StringComparison.Ordinal),
        said => Task.FromResult($"{check} says: {text}; it says: {said}"));
}
