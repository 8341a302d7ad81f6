using System.Globalization;
using System.IO.Compression;
using System.Text;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Live;
using Radar.Tests.Fixtures;
using Radar.Tests.Producer.Replay;

namespace Radar.Tests.Producer.Live;

/// <summary>A recorded stream, played over the network to the live source, gives the ticks that a replay of the recording gives.</summary>
public sealed class LiveExactnessTests
{
    [RequiresTheory(Need.SharedData)]
    [InlineData("hftbacktest/spot_btcusdt_20240808.gz", "binance", "Spot")]
    [InlineData("hftbacktest/usdm_ethusdt_20240808.gz", "binance", "UsdFutures")]
    [InlineData("cryptofeed/COINBASE.ws.28.0", "coinbase", "Spot")]
    public async Task Capture_played_live_gives_the_ticks_of_its_replay(string file, string source, string market) =>
        await PlayAsync(SharedData.Path(file), source, market);

    /// <summary>The recordings are of Kraken's first protocol; their trades are written as in the second.</summary>
    [RequiresFact(Need.SharedData)]
    public async Task Kraken_v2_played_live_gives_the_ticks_of_its_replay_and_of_the_recording_it_was_made_of()
    {
        using var recorded = new ReplayRun();
        var ticks = await recorded.ReadAllAsync([SharedData.Path("cryptofeed/KRAKEN.ws.48.0")]);
        var lines = new StringBuilder("wss://ws.kraken.com/v2 <-> 1618678132.368463\n");
        lines.AppendLine(
            """1618678132.4: {"channel":"status","type":"update","data":[{"api_version":"v2","system":"online","version":"2.0.0"}]}""");
        long id = 100;
        foreach (var same in ticks.GroupBy(tick => tick.Symbol))
        {
            // What the snapshot contains is no part of a recording's trades.
            lines.AppendLine($"1618678132.5: {Message("snapshot", [same.First() with { Price = 1 }], id - 1)}");
            foreach (var pair in same.Chunk(2))
            {
                lines.AppendLine($"1618678133.5: {Message("update", pair, id)}");
                id += pair.Length;
            }

            lines.AppendLine("""1618678133.6: {"channel":"heartbeat"}""");
        }

        string file = recorded.Write("kraken.v2", lines.ToString());
        var played = await PlayAsync(file, "kraken", "Spot");

        Assert.Equal(ticks.OrderBy(tick => tick.Symbol, StringComparer.Ordinal), played.Select(tick => tick with { TradeId = default })
            .OrderBy(tick => tick.Symbol, StringComparer.Ordinal));

        static string Message(string type, Tick[] trades, long id) =>
            $$"""{"channel":"trade","type":"{{type}}","data":[{{string.Join(',', trades.Select((tick, at) => Trade(tick, id + at)))}}]}""";

        static string Trade(Tick tick, long id)
        {
            string side = tick.Side == Side.Buy ? "buy" : "sell";
            string time = Rfc3339.Format(tick.TimestampMs);
            return string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"symbol":"{{tick.Symbol}}","side":"{{side}}","price":{{tick.Price}},"qty":{{tick.Size}}"""
                    + $$""","ord_type":"limit","trade_id":{{id}},"timestamp":"{{time}}"}""");
        }
    }

    private static async Task<IReadOnlyList<Tick>> PlayAsync(string file, string source, string market)
    {
        using var replay = new ReplayRun();
        var expected = await replay.ReadAllAsync([file]);
        Assert.NotEmpty(expected);
        await using var venue = await FakeVenue.StartAsync();
        await using var run = new LiveRun(
            venue, source, [.. expected.Select(tick => tick.Symbol).Distinct()]) { Time = TimeProvider.System };
        run.Live.Market = market;
        run.Start();
        var connection = await venue.AcceptAsync();

        await connection.SendAllAsync(Messages(file));

        var ticks = await run.TicksAsync(expected.Count);
        Assert.Equal(expected, ticks);
        Assert.Equal((0, 0, 0, 0), (run.Metrics.Live("broken"), run.Metrics.Live("missed"), run.Metrics.Live("reconnects"),
            venue.Requests.Count));
        connection.Drop();
        return ticks;
    }

    /// <summary>What the venue sent, without the recorder's clock, its notes, and what it asked of REST.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Messages(string file)
    {
        using Stream stream = file.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(File.OpenRead(file), CompressionMode.Decompress)
            : File.OpenRead(file);
        using var lines = new StreamReader(stream);
        while (lines.ReadLine() is { } line)
        {
            int at = line.IndexOf('{', StringComparison.Ordinal);
            if (at >= 0 && line[0] is >= '0' and <= '9' && !line.AsSpan(at).StartsWith("{\"lastUpdateId\""))
                yield return Encoding.UTF8.GetBytes(line[at..]);
        }
    }
}
