using System.Text.Json.Nodes;
using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Api.Board;
using Radar.Tests.Api.Streaming;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>
/// A client that is cut off again and again, at any byte, and comes back with the last id that it has: it gets every trade exactly once and
/// in order, and ends with the tickers and bars that REST has.
/// </summary>
public abstract partial class StreamContractTests
{
    private const int CutSymbols = 4;

    [ContractTheory]
    [InlineData("one process", 1)]
    [InlineData("two processes", 2)]
    [InlineData("a process that restarts", 3)]
    [InlineData("messages get lost", 4)]
    public async Task Client_that_is_cut_off_anywhere_gets_every_trade_once_and_ends_with_the_right_state(string how, int seed)
    {
        const int Changes = 120;
        await using var world = await BeginAsync();
        var apis = new List<LiveApi> { await StartAsync() };
        if (how == "two processes")
            apis.Add(await StartAsync());
        try
        {
            var client = new CutClient(apis, new Random(seed));
            await client.ConnectAsync(complete: false); // from here on it knows where it stands
            var log = new List<Tick>();
            var writing = Task.Run(
                () => WriteAsync(world.State, log, Changes, loses: how == "messages get lost", new Random(seed + 100), client));
            while (!writing.IsCompleted)
            {
                await client.ConnectAsync(complete: false);
                if (how == "a process that restarts" && client.Connections % 10 == 0)
                {
                    await apis[0].DisposeAsync();
                    apis[0] = await StartAsync();
                }
            }

            await writing;
            for (int i = 0; i < 10; i++)
                await client.ConnectAsync(complete: false);
            var stored = (await new MarketReader(world.Api.Redis).PositionsAsync(world.Api.Board.Status.Layout!.Value))
                .Select(position => position?.Offset).ToArray();
            foreach (LiveApi api in apis)
                await Wait.UntilAsync(() => api.Board.Status.Version.Positions.SequenceEqual(stored), "both have everything");
            await client.ConnectAsync(complete: true);

            Assert.True(client.Connections > 30);
            foreach (string symbol in log.Select(tick => tick.Symbol).Distinct())
            {
                Assert.Equal(log.Where(tick => tick.Symbol == symbol).Select(tick => tick.TradeId.Number),
                    client.Trades.GetValueOrDefault(symbol, []));
                var ticker = await apis[0].JsonAsync("/api/v2/tickers/" + symbol);
                ticker.Remove("meta");
                Assert.Equal(ticker.ToJsonString(), client.Tickers[symbol]);
                foreach (JsonNode? bar in (await apis[0].JsonAsync($"/api/v2/bars/{symbol}?timeframe=1Min"))["bars"]!.AsArray())
                    Assert.Equal((long)bar!["n"]!, client.Bars[(symbol, (string)bar["t"]!)]);
            }
        }
        finally
        {
            foreach (LiveApi api in apis)
                await api.DisposeAsync();
        }

        // Nothing else finds the last message of a partition, where that is one of those that get lost.
        Task<LiveApi> StartAsync() =>
            LiveApi.StartAsync(Redis, ["--Api:StreamHeartbeatMs", "50", .. how == "messages get lost" ? LiveApi.Audited : []]);
    }

    private static async Task WriteAsync(StateWriter state, List<Tick> log, int changes, bool loses, Random random, CutClient client)
    {
        for (int change = 0; change < changes; change++)
        {
            // some changes while it is here, some while it is not
            await Wait.UntilAsync(() => client.Connections >= change / 4, "the client has come back");
            state.HoldsMessages = loses && random.Next(4) == 0;
            int partition = random.Next(StateWriter.Partitions);
            var ticks = Enumerable.Range(0, random.Next(1, 8)).Select(i => Tick(
                $"S{partition}{random.Next(Math.Min(CutSymbols, 1 + (change / 20)))}", random.Next(1, 1000), Noon + random.Next(300_000),
                id: log.Count + i)).ToArray();
            log.AddRange(ticks);
            await state.ApplyAsync(partition, ticks);
        }
    }

    private sealed class CutClient(List<LiveApi> apis, Random random)
    {
        private string? _id;

        public int Connections { get; private set; }

        public Dictionary<string, List<long?>> Trades { get; } = [];

        public Dictionary<string, string> Tickers { get; } = [];

        public Dictionary<(string Symbol, string Time), long> Bars { get; } = [];

        /// <summary>
        /// Connects, and is cut off after some bytes; or, if <paramref name="complete"/>, leaves when nothing more comes.
        /// </summary>
        public async Task ConnectAsync(bool complete)
        {
            bool first = _id is null;
            int bytesMax = complete || first ? int.MaxValue : random.Next(1, random.Next(2) == 0 ? 500 : 8000);
            await using var stream = await EventStream.OpenAsync(
                apis[random.Next(apis.Count)].Http, "channels=tickers,trades,bars.1Min", _id, bytesMax);
            Connections++;
            while (await stream.AnyAsync() is { } next)
            {
                _id = next.Id ?? _id;
                if (!Take(next, first) && (first || complete))
                    return;
            }
        }

        private bool Take(StreamEvent next, bool first)
        {
            switch (next.Type)
            {
                case "heartbeat":
                    return false;
                case "ticker":
                    Tickers[next.Symbol!] = next.Text;
                    return true;
                case "trade":
                    if (!Trades.TryGetValue(next.Symbol!, out var trades))
                        Trades.Add(next.Symbol!, trades = []);
                    trades.Add(next.TradeId);
                    return true;
                case "bar" or "updated_bar":
                    Bars[(next.Symbol!, (string)next.Data["t"]!)] = (long)next.Data["n"]!;
                    return true;
                case "shutdown":
                    return true;
                default:
                    Assert.True(first && next.Type == "snapshot", next.ToString());
                    return true;
            }
        }
    }
}
