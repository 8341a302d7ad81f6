using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Radar.Market;
using Radar.Producer;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer;

public sealed class SymbolVenuesTests
{
    [Fact]
    public async Task Venues_that_meet_under_one_symbol_are_logged_once_and_named_by_health()
    {
        var lines = new LinesLogger<SymbolVenues>();
        var venues = new SymbolVenues(lines);

        foreach (var (symbol, venue) in new[]
        {
            ("BTCUSDT", "binance"), ("BTCUSDT", "binance"), ("ETHUSDT", null), ("ETHUSDT", "binance"), ("BTCUSDT", "binance-usdm"),
            ("BTCUSDT", "binance"), ("ETHUSDT", "binance-usdm"),
        })
            venues.Look(new Tick(symbol, 1, 1, Venue: venue));

        string line = Assert.Single(lines.Lines);
        Assert.Contains("BTCUSDT comes from binance and from binance-usdm", line, StringComparison.Ordinal);
        Assert.Contains("Producer:SymbolFormat={venue}:{symbol}", line, StringComparison.Ordinal);
        var health = await new SymbolVenuesHealthCheck(venues).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("BTCUSDT comes from binance and from binance-usdm", health.Description, StringComparison.Ordinal);
        Assert.Contains("and 1 more symbols", health.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("binance", "binance")]
    [InlineData("N", "Q")] // exchanges of one tape
    [InlineData("4", "302")]
    [InlineData("binance", null)]
    public void Ticks_of_one_venue_meet_nobody(string first, string? second)
    {
        var venues = new SymbolVenues(new LinesLogger<SymbolVenues>());

        venues.Look(new Tick("A", 1, 1, Venue: first));
        venues.Look(new Tick("A", 1, 1, Venue: second));

        Assert.Null(venues.Notice);
    }

    [Fact]
    public async Task Replay_of_spot_and_futures_is_noticed_by_the_producer_and_its_format_keeps_them_apart()
    {
        string folder = Directory.CreateTempSubdirectory("radar-venues").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "a.csv"),
                "symbol,time,price,venue\nBTCUSDT,1709251200000,1,binance\nBTCUSDT,1709251200001,2,binance-usdm\n");
            await using var world = new ProducerHost();
            Assert.NotNull(await NoticeAsync(world, folder, "{symbol}"));
            Assert.Null(await NoticeAsync(world, folder, "{venue}:{symbol}"));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static async Task<string?> NoticeAsync(ProducerHost world, string folder, string format)
    {
        var host = world.Build(
            "Producer:Source=replay", $"Producer:Replay:Paths:0={folder}", "Producer:Replay:Speed=0", $"Producer:SymbolFormat={format}");
        await host.StartAsync();
        await Wait.UntilAsync(() => ProducerHost.Metrics(host).Acknowledged == 2, "the ticks");
        string? notice = host.Services.GetRequiredService<SymbolVenues>().Notice;
        await host.StopAsync();
        return notice;
    }
}
