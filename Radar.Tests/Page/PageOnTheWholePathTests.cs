using Microsoft.AspNetCore.Builder;
using Radar.Api;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>From a record in Kafka to a number on the screen, with nothing faked.</summary>
public sealed class PageOnTheWholePathTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Topic = "market-ticks";

    [RequiresFact(Need.Chromium)]
    public async Task Record_in_Kafka_is_on_the_screen_and_an_API_that_restarts_is_found_again()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic(Topic, partitions: 3);
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(kafka, redis.Address, Topic, "--Kafka:TopicIdentity=test");
        await path.StartConsumerAsync();
        string address = $"http://127.0.0.1:{LoopbackPort.Free()}";
        var api = await StartApiAsync();
        await path.SendAsync(Tick("XBT/USD", "61234.10000000000001"), Tick("ETH", "2600"));
        await using var page = await OpenPage.AtAsync(chromium.Browser, new Uri(address), mayMissTheApi: true);
        await page.IsAsync("live");
        await Expect(page.Price("XBT/USD")).ToHaveTextAsync("61234.10000000000001");

        await page.Row("XBT/USD").ClickAsync();
        await path.SendAsync(Tick("XBT/USD", "61235.5"), Tick("XBT/USD", "61233.25"));
        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["61233.25", "61235.5", "61234.10000000000001"]);
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("61233.25");
        await Expect(page.Id("day").Locator("[data-member=h]")).Not.ToHaveTextAsync("–");
        await Expect(page.Id("lag-messages")).ToHaveTextAsync("0");

        await api.StopAsync();
        await api.DisposeAsync();
        await page.IsAsync("lost");
        await path.SendAsync(Tick("ETH", "2601"), Tick("XBT/USD", "61236"));
        api = await StartApiAsync();

        await page.IsAsync("live");
        await Expect(page.Price("ETH")).ToHaveTextAsync("2601");
        await Expect(page.Id("trades").Locator("td:nth-child(2)"))
            .ToHaveTextAsync(["61236", "61233.25", "61235.5", "61234.10000000000001"]);
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("61236");
        await api.StopAsync();
        await api.DisposeAsync();

        async Task<WebApplication> StartApiAsync()
        {
            var started = ApiService.Build(
            [
                "--urls", address, "--ConnectionStrings:kafka", kafka.BootstrapServers, "--ConnectionStrings:redis",
                PatientRedis.Of(redis.Address),
                "--Kafka:Topic", Topic, "--Kafka:TopicIdentity", "test", "--Logging:LogLevel:Default", "Error", "--Api:StreamHeartbeatMs",
                "500",
            ]);
            await started.StartAsync();
            return started;
        }
    }

    [RequiresFact(Need.Chromium)]
    public async Task Symbols_of_other_scripts_and_with_characters_of_URLs_are_shown_and_opened()
    {
        string[] symbols = ["币安人生USDT", "M&M=F#+", "^GSPC"];
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic(Topic, partitions: 1);
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(kafka, redis.Address, Topic, "--Kafka:TopicIdentity=test");
        await path.StartConsumerAsync();
        using HttpClient api = await path.StartApiAsync();
        await path.SendAsync([.. symbols.Select(symbol => Tick(symbol, "7"))]);
        await RadarPath.BacklogAppliedAsync(api);
        await using var page = await OpenPage.AtAsync(chromium.Browser, api.BaseAddress!, mayMissTheApi: true);

        foreach (string symbol in symbols)
        {
            await page.Row(symbol).ClickAsync();
            await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("7");
            await path.SendAsync(Tick(symbol, "8"));
            await Expect(page.Price(symbol)).ToHaveTextAsync("8");
            await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["8", "7"]);
        }
    }

    private static (string Symbol, string Json) Tick(string symbol, string price) =>
        (symbol, $$"""{"symbol":"{{symbol}}","price":{{price}},"size":1"""
            + $$""","timestamp":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}""");
}
