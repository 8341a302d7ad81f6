using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>The strip above the board: which part does not answer, where the consumer is, what it refused.</summary>
public sealed class PagePathTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Answers = """{"status":"Healthy","description":"It answers.","data":{}}""";
    private const string NoKafka =
        """{"status":"Degraded","description":"Kafka at 127.0.0.1:9092 does not answer (Local_TimedOut).","data":{}}""";

    private const string NoRedis =
        """{"status":"Degraded","description":"Redis at 127.0.0.1:6379 does not answer (RedisConnectionException).","data":{}}""";

    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync(_market);
        _market.Trade("A", "1");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresTheory(Need.Chromium)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Part_that_does_not_answer_is_shown_and_no_other(bool kafka, bool redis)
    {
        _api.Heartbeat = FakeApi.Often;
        await using var page = await OpenAsync();
        await Expect(page.Id("lag-messages")).ToHaveTextAsync("0");

        _api.Health = "{\"status\":\"Degraded\",\"checks\":{\"redis\":" + (redis ? NoRedis : Answers)
            + ",\"kafka\":" + (kafka ? NoKafka : Answers) + "}}";
        _api.Lag = null;

        await StateAsync(page, "node-kafka", kafka);
        await StateAsync(page, "node-redis", redis);
        _api.Stale = true;
        await page.IsAsync("stale");
        await Expect(page.Id("banner")).ToContainTextAsync(
            kafka && redis ? "Kafka and Redis do not answer." : kafka ? "Kafka does not answer." : "Redis does not answer.");
        _api.Stale = false;
        await Expect(page.Id("node-consumer")).Not.ToHaveAttributeAsync("data-state", "broken");
        await Expect(page.Id(kafka ? "node-kafka" : "node-redis")).ToHaveAttributeAsync("title", new System.Text.RegularExpressions.Regex(
            "does not answer"));
        _api.Lag = (0, 0);
        await StateAsync(page, "node-kafka", false);
        await StateAsync(page, "node-redis", false);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Dead_letters_are_counted_at_the_consumer_and_shown_with_their_reasons()
    {
        const string value = "{\"price\":0,\"x\":\"<img src=/nowhere>\"}";
        _api.DeadLetters = (limit, token) => $$"""
            {"topic":"market-ticks.dlq","messages":12,"counted":12,"reasons":[{"reason":"price-zero","count":9},
            {"reason":"json","count":3}],
            "dead_letters":[{"t":"2026-01-02T10:00:00.123Z","partition":0,"offset":{{(token is null ? 11 : 1)}},"reason":"price-zero",
            "source":{"topic":"market-ticks","partition":3,"offset":{{(token is null ? 42 : 7)}}},"key":"<b>K</b>",
            "value":{{System.Text.Json.JsonSerializer.Serialize(value)}},"value_bytes":40}],
            "next_page_token":{{(token is null ? "\"older\"" : "null")}}}
            """;
        _api.Lag = (1234, 2.5);
        await using var page = await OpenAsync();
        await Expect(page.Id("dead-letters")).ToHaveTextAsync("12 dead letters");

        await page.Id("dead-letters").ClickAsync();

        await Expect(page.Id("consumer")).ToBeVisibleAsync();
        await Expect(page.Id("reasons").Locator("tr")).ToHaveTextAsync(["price-zero9", "json3"]);
        await Expect(page.Id("dead-letter-rows").Locator("td")).ToHaveTextAsync(
            ["2026-01-02 10:00:00 UTC", "price-zero", "market-ticks · 3 · 42", "<b>K</b>", value]);
        await Expect(page.Id("lags").Locator("td").Nth(3)).ToHaveTextAsync("1,234");
        await Expect(page.Page.Locator("#consumer .wide[tabindex='0'][aria-label]")).ToHaveCountAsync(2); // scrolled by keys
        await page.Id("dead-letters-more").ClickAsync();
        await Expect(page.Id("dead-letter-rows").Locator("tr")).ToHaveCountAsync(2);
        await Expect(page.Id("dead-letters-more")).ToBeHiddenAsync();
        await Expect(page.Page.Locator("dialog img, dialog b")).ToHaveCountAsync(0);
        await page.Page.Keyboard.PressAsync("Escape");
        await Expect(page.Id("consumer")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Lag_opens_the_panel_also_where_dead_letters_are_unknown()
    {
        (_api.DeadLetters, _api.DeadLettersStatus) = (null, StatusCodes.Status503ServiceUnavailable);
        await using var page = await OpenAsync();
        await Expect(page.Id("dead-letters")).ToHaveTextAsync("? dead letters");

        await page.Id("lag-open").ClickAsync();

        await Expect(page.Id("dead-letters-note")).ToHaveTextAsync("Dead letters are unknown now: Kafka does not answer.");
        await Expect(page.Id("lags").Locator("tr")).ToHaveCountAsync(1);
    }

    [RequiresFact(Need.Chromium)]
    public async Task API_without_dead_letters_shows_no_count()
    {
        _api.DeadLetters = null;
        await using var page = await OpenAsync();
        await Expect(page.Id("lag-messages")).ToHaveTextAsync("0");

        await Expect(page.Id("dead-letters")).ToBeHiddenAsync();
    }

    private static async Task StateAsync(OpenPage page, string id, bool broken)
    {
        await Expect(page.Id(id)).ToHaveAttributeAsync("data-state", broken ? "broken" : "");
        await Expect(page.Id(id).Locator(".fault")).ToHaveTextAsync(broken ? "no answer" : "");
    }

    private Task<OpenPage> OpenAsync() => OpenPage.AtAsync(chromium.Browser, _api.Address, mayMissTheApi: true);
}
