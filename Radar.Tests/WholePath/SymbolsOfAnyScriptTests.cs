using Radar.Client;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>Symbols with letters of other scripts, and with characters that mean something in URLs.</summary>
public sealed class SymbolsOfAnyScriptTests
{
    private static readonly string[] Symbols = ["币安人生USDT", "ГАЗПРОМ", "CL=F", "^GSPC", "M&M.NS", "C+", "ES#", "XBT/USD", "A:B_C-D"];

    [Fact]
    public async Task Symbols_are_taken_served_listed_paged_and_streamed()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("market-ticks", partitions: 2);
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(kafka, redis.Address, "market-ticks", "--Kafka:TopicIdentity=test");
        await path.StartConsumerAsync();
        using HttpClient api = await path.StartApiAsync();
        await SendAsync(price: 1);
        await RadarPath.BacklogAppliedAsync(api);
        var client = new RadarClient(api);

        foreach (string symbol in Symbols)
        {
            Assert.Equal(symbol, (await client.GetTickerAsync(symbol.ToLowerInvariant()))?.Symbol);
            Assert.Equal(symbol, Assert.Single((await client.GetTradesAsync(symbol))!.Trades).Symbol);
            Assert.Single((await client.GetBarsAsync(symbol, Timeframe.Minute))!.Bars);
            string escaped = Uri.EscapeDataString(symbol);
            Assert.Equal(symbol, (string?)(await RadarPath.GetAsync(api, "/api/v1/ticker/" + escaped))["symbol"]);
            Assert.Equal(symbol, (string?)(await RadarPath.GetAsync(api, "/api/v1/history/" + escaped))["symbol"]);
            Assert.Equal([symbol], (await client.GetSymbolsAsync(symbol)).Symbols.Where(found => found == symbol));
        }

        string[] inOrder = [.. Symbols.Order(StringComparer.Ordinal)];
        var listed = await RadarPath.AllAsync(api, "/api/v2/tickers?limit=2", "tickers");
        Assert.Equal(inOrder, listed.Select(ticker => (string)ticker["symbol"]!));
        Assert.Equal(inOrder, (await client.GetSnapshotsAsync(Symbols)).Snapshots.Select(item => item.LatestTrade.Symbol));

        var streamed = new List<string>();
        await SendAsync(price: 2);
        await foreach (StreamEvent received in client.StreamAsync(StreamChannels.Tickers, Symbols))
        {
            if (received is SnapshotEvent snapshot)
                streamed.AddRange(snapshot.Tickers.Where(ticker => ticker.Price == 2).Select(ticker => ticker.Symbol));
            else if (received is TickerEvent { Ticker: { Price: 2 } ticker })
                streamed.Add(ticker.Symbol);
            if (streamed.Count == Symbols.Length)
                break;
        }

        Assert.Equal(inOrder, streamed.Order(StringComparer.Ordinal));

        Task SendAsync(int price) => path.SendAsync([.. Symbols.Select(symbol => ((string?)symbol, (string?)Json(symbol, price)))]);
    }

    private static string Json(string symbol, int price) => $$"""{"symbol":"{{symbol}}","price":{{price}},"timestamp":{{price}}}""";
}
