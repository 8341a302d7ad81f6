using System.Net;
using System.Text.Json.Nodes;
using Radar.Api.Access;
using Radar.Tests.Api.Streaming;

namespace Radar.Tests.Api.Http.Access;

/// <content>Keys that may see some symbols only.</content>
public sealed partial class KeyAccessTests
{
    [Fact]
    public async Task Symbols_of_others_are_refused_by_name_and_left_out_of_lists()
    {
        var client = await _world.WithKeyAsync([Scopes.Read], "ETH*");
        foreach (string path in Reads.Where(path => path.Contains("/BTCUSDT", StringComparison.Ordinal)))
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("may not see BTCUSDT, but ETH*", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(["ETHUSDT"], (await ListAsync("/api/v2/symbols", "symbols")).Select(symbol => (string?)symbol));
        foreach (var (path, member) in new[]
            {
                ("/api/v2/tickers", "tickers"), ("/api/v2/tickers?symbols=BTCUSDT,ETHUSDT", "tickers"), ("/api/v2/movers", "gainers"),
                ("/api/v2/snapshots?symbols=BTCUSDT,ETHUSDT", "snapshots"),
                ("/api/v2/tickers?symbols=BTCUSDT,ETHUSDT&as_of=2024-08-09T12:00:01Z", "tickers"),
                ("/api/v2/snapshots?symbols=BTCUSDT,ETHUSDT&as_of=2024-08-09T12:00:01Z", "snapshots"),
            })
            Assert.Equal(["ETHUSDT"], (await ListAsync(path, member)).Select(item => (string?)item!["symbol"]));

        async Task<JsonArray> ListAsync(string path, string member)
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            string body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {body}");
            return JsonNode.Parse(body)![member]!.AsArray();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("channels=tickers,trades,bars.1Min")]
    public async Task Stream_has_only_what_the_key_may_see_from_the_snapshot_through_a_resume(string query)
    {
        var client = await _world.WithKeyAsync([Scopes.Stream], "ETH*");
        using var named = await EventStream.SendAsync(client, "symbols=ETHUSDT,BTCUSDT");
        Assert.Equal(HttpStatusCode.Forbidden, named.StatusCode);

        string? id;
        await using (var stream = await EventStream.OpenAsync(client, query))
        {
            Assert.Equal(["ETHUSDT"], (await stream.AnyAsync())!.Tickers.Select(ticker => ticker.Item1));
            await TradeAsync(12m);
            Assert.All(await UntilAsync(stream, 12m), data => Assert.Equal("ETHUSDT", data.Symbol));
            id = stream.LastId;
        }

        await TradeAsync(13m);
        await using var resumed = await EventStream.OpenAsync(client, query, id);
        Assert.All(await UntilAsync(resumed, 13m), data => Assert.Equal("ETHUSDT", data.Symbol));

        async Task TradeAsync(decimal price)
        {
            await _world.Api.ApplyAsync(0, [ApiWorld.Tick("BTCUSDT", price, ApiWorld.Noon + (long)price)]);
            await _world.Api.ApplyAsync(1, [ApiWorld.Tick("ETHUSDT", price, ApiWorld.Noon + (long)price)]);
        }

        static async Task<List<StreamEvent>> UntilAsync(EventStream stream, decimal price)
        {
            var read = new List<StreamEvent>();
            do
            {
                var next = (await stream.AnyAsync())!;
                if (next.Type is "ticker" or "trade" or "bar" or "updated_bar")
                    read.Add(next);
            }
            while (!read.Exists(data => data.Type == "ticker" && data.Symbol == "ETHUSDT" && data.Price == price));
            return read;
        }
    }
}
