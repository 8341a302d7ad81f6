using System.Net;
using Radar.Api.Http.Contract;
using Radar.Market;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

/// <summary>Versions of lists: what moves them, and what one answer never mixes.</summary>
public abstract partial class ReadsContractTests
{
    [ContractFact]
    public async Task Version_of_a_list_has_all_positions_is_the_tag_and_moves_with_every_partition()
    {
        long[] positions = [await World.TakeInAsync(0, [Tick(_symbol, 1)]), await World.TakeInAsync(1, []), await World.TakeInAsync(2, [])];
        string? identity = null;
        string[] paths = ["/api/v2/movers", .. Lists.Select(path => path + _symbol), $"/api/v2/snapshots?symbols={_symbol}&as_of={Noon}",
            $"/api/v2/tickers?symbols={_symbol}&as_of={Noon}"];
        foreach (string path in paths)
        {
            using var first = await World.Http.GetAsync(path);
            string tag = first.Headers.ETag!.ToString();
            identity ??= tag[3..11];
            Assert.Matches("^[0-9a-f]{8}$", identity);
            Assert.Equal($"\"1-{identity}-{positions[0]}-{positions[1]}-{positions[2]}\"", tag);
            Assert.Equal(tag[1..^1], (string?)(await World.JsonAsync(path))["meta"]!["version"]);
            Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());
            foreach (string known in new[] { tag, "W/" + tag, "\"x\", " + tag, "*" })
            {
                using var again = await AskAsync(path, known);
                Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
                Assert.Equal(tag, again.Headers.ETag!.ToString());
                Assert.Empty(await again.Content.ReadAsByteArrayAsync());
            }

            for (int partition = 0; partition < Partitions; partition++)
            {
                positions[partition] = await World.TakeInAsync(partition, [Tick($"{_symbol}-P{partition}", 1)]);
                using var moved = await AskAsync(path, tag);
                Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
                tag = moved.Headers.ETag!.ToString();
                Assert.Equal($"\"1-{identity}-{positions[0]}-{positions[1]}-{positions[2]}\"", tag);
            }
        }

        async Task<HttpResponseMessage> AskAsync(string path, string known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            return await World.Http.SendAsync(request);
        }
    }

    [ContractFact]
    public async Task Late_trade_corrects_its_bars_in_every_timeframe_and_moves_the_tag()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 10, Noon), Tick(_symbol, 20, Noon + (3 * DayMs))]);
        using var first = await World.Http.GetAsync($"/api/v2/bars/{_symbol}?timeframe=1Day");
        await World.TakeInAsync(0, [Tick(_symbol, 4, Noon + 1)]);

        foreach (Timeframe timeframe in Timeframe.All)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/bars/{_symbol}?timeframe={timeframe.Aliases[0]}");
            request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using var again = await World.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            var bars = (await World.ReadAsync<BarsAnswer>($"/api/v2/bars/{_symbol}?timeframe={timeframe.Name}")).Bars;
            Assert.Equal([(10m, 10m, 4m, 4m, 2L), (20m, 20m, 20m, 20m, 1L)], bars.Select(bar => (bar.O, bar.H, bar.L, bar.C, bar.N)));
        }
    }

    [ContractFact]
    public async Task Read_of_many_symbols_never_mixes_two_batches_of_their_partition()
    {
        string[] symbols = [.. Enumerable.Range(0, 8).Select(i => $"{_symbol}-{i}")];
        int price = 1;
        await WriteAsync();
        using var enough = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
                await WriteAsync();
        });
        string named = string.Join(',', symbols);
        var versions = new HashSet<string>();
        try
        {
            for (int i = 0; i < 1000 && versions.Count < 150; i++)
            {
                foreach (string asOf in new[] { "", $"&as_of={Rfc3339.UnixMsMax}" })
                {
                    var tickers = await World.ReadAsync<TickersAnswer>($"/api/v2/tickers?symbols={named}{asOf}");
                    Assert.Equal(8, tickers.Tickers.Length);
                    Assert.Single(tickers.Tickers.Select(ticker => ticker.P).Distinct());
                    var snapshots = await World.ReadAsync<SnapshotsAnswer>($"/api/v2/snapshots?symbols={named}{asOf}");
                    Assert.Equal(8, snapshots.Snapshots.Length);
                    decimal one = Assert.Single(snapshots.Snapshots.Select(snapshot => snapshot.LatestTrade.P).Distinct());
                    Assert.All(snapshots.Snapshots,
                        snapshot => Assert.Equal((one, one, (long)one), (snapshot.MinuteBar.C, snapshot.DailyBar.C, snapshot.DailyBar.N)));
                    versions.Add(tickers.Meta.Version);
                    versions.Add(snapshots.Meta.Version);
                }
            }
        }
        finally
        {
            await enough.CancelAsync();
            await writer; // before its producer is freed
        }

        Assert.InRange(versions.Count, 20, int.MaxValue); // the state did move between the reads

        async Task WriteAsync()
        {
            int now = price++;
            await World.TakeInAsync(1, [.. symbols.Select(symbol => Tick(symbol, now, Noon + now))]);
        }
    }
}
