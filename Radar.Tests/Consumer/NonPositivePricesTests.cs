using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer;

/// <summary>Prices of 0 and less, as oil futures had in April 2020, on the whole path behind the topic.</summary>
public sealed class NonPositivePricesTests
{
    private const long Monday = 1_587_340_800_000; // 2020-04-20
    private const long DayMs = 86_400_000;

    [Fact]
    public async Task Prices_of_0_and_less_are_refused_unless_the_setting_allows_them()
    {
        await using var world = new EmbeddedWorld(partitions: 1);
        await world.StartAsync();
        await world.Path.StartConsumerAsync();

        await SendAsync(world, (-37.63m, 1, 0), (0, 1, 1), (1, 1, 2));

        Assert.Equal(
            ["bad_price", "bad_price"],
            world.ReadDeadLetters(2).Select(letter => Encoding.UTF8.GetString(letter.Headers.GetLastBytes("radar.reason"))));
    }

    [Fact]
    public async Task Prices_of_0_and_less_are_right_in_tickers_trades_bars_and_day_figures_where_they_are_allowed()
    {
        await using var world = new EmbeddedWorld(partitions: 1, "--Radar:AllowNonPositivePrices=true");
        await world.StartAsync();
        await world.Path.StartConsumerAsync();

        await SendAsync(
            world, (18.27m, 2, 0), (0, 1, 1_000), (-40.32m, 3, 2_000), (-37.63m, 4, 3_000), (-10, 0, DayMs), (8.91m, 1, DayMs + 1));
        await RadarPath.BacklogAppliedAsync(world.Api);

        var ticker = await world.Api.GetFromJsonNodeAsync("/api/v2/tickers/CL");
        Assert.Equal(8.91m, (decimal)ticker["p"]!);
        var trades = await RadarPath.AllAsync(world.Api, "/api/v2/trades/CL?sort=asc", "trades");
        Assert.Equal([18.27m, 0, -40.32m, -37.63m, -10, 8.91m], trades.Select(trade => (decimal)trade["p"]!));
        var bars = await RadarPath.AllAsync(world.Api, "/api/v2/bars/CL?timeframe=1Day&sort=asc", "bars");
        Assert.Equal(
            [(18.27m, 18.27m, -40.32m, -37.63m, 10m, 4L), (-10m, 8.91m, -10m, 8.91m, 1m, 2L)],
            bars.Select(bar => (
                (decimal)bar["o"]!, (decimal)bar["h"]!, (decimal)bar["l"]!, (decimal)bar["c"]!, (decimal)bar["v"]!, (long)bar["n"]!)));

        // (2 × 18.27 + 3 × -40.32 + 4 × -37.63) ÷ 10
        Assert.Equal(-23.494m, (decimal)bars[0]["vw"]!);

        // A share of a close that is not above 0 says nothing: the symbol has a change, and is no mover.
        var movers = await world.Api.GetFromJsonNodeAsync("/api/v2/movers");
        Assert.Empty(movers["gainers"]!.AsArray());
        Assert.Empty(movers["losers"]!.AsArray());
    }

    private static async Task SendAsync(EmbeddedWorld world, params (decimal Price, decimal Size, long Ms)[] trades)
    {
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = world.Kafka.BootstrapServers }).Build();
        foreach (var (price, size, ms) in trades)
        {
            string value = string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $$"""{"symbol":"CL","price":{{price}},"size":{{size}},"timestamp":{{Monday + ms}}}""");
            await producer.ProduceAsync(EmbeddedWorld.Topic, new Message<string, string> { Key = "CL", Value = value });
        }
    }
}

/// <summary>Reads answers of the API.</summary>
internal static class JsonNodes
{
    public static async Task<JsonNode> GetFromJsonNodeAsync(this HttpClient api, string path) =>
        JsonNode.Parse(await api.GetStringAsync(new Uri(path, UriKind.Relative)))!;
}
