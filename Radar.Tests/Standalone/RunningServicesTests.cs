using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Standalone;

public sealed class RunningServicesTests
{
    private static readonly StandaloneOptions Quiet = new()
    {
        Urls = "http://127.0.0.1:0",
        Settings = ["--Logging:LogLevel:Default=Warning"],
    };

    [Fact]
    public async Task Synthetic_ticks_are_read_over_HTTP_and_a_stop_ends_everything()
    {
        using var stop = new CancellationTokenSource();
        var infrastructure = await RunningInfrastructure.StartAsync(Quiet, CancellationToken.None);
        var services = RunningServices.Build(Quiet with { Rate = 500 }, infrastructure.Settings);
        await services.StartAsync(CancellationToken.None);
        var run = services.RunAsync(stop.Token);
        using var api = new HttpClient { BaseAddress = new Uri(services.ApiUrls.Single()) };
        string[] addresses = [infrastructure.Kafka, infrastructure.Redis, api.BaseAddress.Authority];

        await Wait.UntilAsync(async () =>
            (await api.GetAsync(new Uri("/api/v1/ticker/BTCUSDT", UriKind.Relative))).IsSuccessStatusCode, "a tick");
        Assert.All(addresses, address => Assert.True(Answers(address)));
        await stop.CancelAsync();

        Assert.Equal(0, await run.WaitAsync(Wait.Limit));
        await services.DisposeAsync();
        await infrastructure.DisposeAsync();
        Assert.All(addresses, address => Assert.False(Answers(address)));
    }

    [Fact]
    public async Task First_screen_has_a_day_of_bars_of_each_symbol_and_nothing_is_lost()
    {
        await using var infrastructure = await RunningInfrastructure.StartAsync(Quiet, CancellationToken.None);
        await using var services = RunningServices.Build(Quiet, infrastructure.Settings);
        await services.StartAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var run = services.RunAsync(stop.Token);
        using var api = new HttpClient { BaseAddress = new Uri(services.ApiUrls.Single()) };

        foreach (string symbol in new[] { "BTCUSDT", "ADAUSDT" })
        {
            await Wait.UntilAsync(
                async () => (await BarsAsync(api, symbol)).Count(bar => (long)bar!["n"]! == 4) >= 24 * 60 - 1, $"a day of {symbol}");
        }

        await stop.CancelAsync();
        Assert.Equal(0, await run.WaitAsync(Wait.Limit));
    }

    [Fact]
    public async Task Example_of_the_banner_names_a_symbol_that_is_there()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"symbol":"xbt/usd","price":5,"timestamp":1700000000000}""");
            var options = Quiet with { Source = "replay", Paths = [file], Speed = 0 };
            await using var infrastructure = await RunningInfrastructure.StartAsync(options, CancellationToken.None);
            await using var services = RunningServices.Build(options, infrastructure.Settings);
            await services.StartAsync(CancellationToken.None);
            using var api = new HttpClient { BaseAddress = new Uri(services.ApiUrls.Single()) };
            string address = api.BaseAddress.ToString().TrimEnd('/');
            var none = Quiet with { Source = "none" };

            Assert.Equal(
                address + "/api/v2/symbols",
                await FirstSymbol.RequestAsync(none, address, TimeProvider.System, CancellationToken.None));
            await Wait.UntilAsync(
                async () => await FirstSymbol.RequestAsync(options, address, TimeProvider.System, CancellationToken.None)
                    == address + "/api/v1/ticker/XBT%2FUSD", "the symbol of the recording");
            Assert.True((await api.GetAsync(new Uri("/api/v1/ticker/XBT%2FUSD", UriKind.Relative))).IsSuccessStatusCode);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Example_of_the_banner_has_the_header_where_the_API_asks_for_a_key()
    {
        var options = Quiet with { Source = "synthetic" };
        await using var infrastructure = await RunningInfrastructure.StartAsync(options, CancellationToken.None);
        await using var services = RunningServices.Build(options, [.. infrastructure.Settings, "--Auth:Mode=keys"]);
        await services.StartAsync(CancellationToken.None);
        string address = services.ApiUrls.Single();

        Assert.StartsWith(
            $"-H 'Authorization: Bearer …' {address}/api/v2/symbols",
            await FirstSymbol.RequestAsync(options, address, TimeProvider.System, CancellationToken.None), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_as_fast_as_possible_of_more_than_the_embedded_broker_keeps_loses_nothing()
    {
        // One symbol is one partition: 20 MB of values, four times what it keeps, sent as they are to a consumer that takes small steps.
        const int ticks = 250_000;
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, Enumerable.Range(0, ticks).Select(i => string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"symbol":"ONE","price":{{100 + (i % 7)}},"size":1,"timestamp":{{1_700_000_000_000 + i}},"trade_id":{{i}}"""
                    + $$""","side":"buy"}""")));
            Assert.True(new FileInfo(file).Length > 4 * EmbeddedKafka.PartitionBytesMax);
            string[] settings = [.. Quiet.Settings, "--Producer:Compression=none", "--Consumer:BatchRecordsMax=100"];
            var options = Quiet with { Source = "replay", Paths = [file], Speed = 0, Settings = settings };
            await using var infrastructure = await RunningInfrastructure.StartAsync(options, CancellationToken.None);
            await using var services = RunningServices.Build(options, infrastructure.Settings);
            await services.StartAsync(CancellationToken.None);
            using var stop = new CancellationTokenSource();
            var run = services.RunAsync(stop.Token);
            using var api = new HttpClient { BaseAddress = new Uri(services.ApiUrls.Single()) };

            await Wait.UntilAsync(async () => await CountAsync(api) == ticks, "all ticks are counted");

            await stop.CancelAsync();
            Assert.Equal(0, await run.WaitAsync(Wait.Limit));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Service_that_ends_by_itself_ends_all()
    {
        var options = Quiet with { Source = "none" };
        await using var infrastructure = await RunningInfrastructure.StartAsync(options, CancellationToken.None);
        await using var services = RunningServices.Build(options, infrastructure.Settings);
        await services.StartAsync(CancellationToken.None);
        string address = new Uri(services.ApiUrls.Single()).Authority;
        var run = services.RunAsync(CancellationToken.None);

        services.Producer.Lifetime.StopApplication();

        await run.WaitAsync(Wait.Limit);
        Assert.False(Answers(address));
    }

    private static async Task<JsonArray> BarsAsync(HttpClient api, string symbol)
    {
        using var answer = await api.GetAsync(new Uri($"/api/v2/bars/{symbol}?timeframe=1Min&limit=2000", UriKind.Relative));
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<JsonNode>())!["bars"]!.AsArray() : [];
    }

    private static async Task<long> CountAsync(HttpClient api)
    {
        using var answer = await api.GetAsync(new Uri("/api/v2/bars/ONE?timeframe=1Day", UriKind.Relative));
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<JsonNode>())!["bars"]!.AsArray().Sum(bar => (long)bar!["n"]!)
            : 0;
    }

    private static bool Answers(string address)
    {
        string[] parts = address.Split(':');
        try
        {
            using var client = new TcpClient(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
