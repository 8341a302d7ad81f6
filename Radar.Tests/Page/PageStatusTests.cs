using System.Globalization;
using Microsoft.Playwright;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>The page says "Live" only while records arrive now, with events of now, and the API says so.</summary>
public sealed class PageStatusTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync(_market);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresFact(Need.Chromium)]
    public async Task Without_any_record_it_is_quiet_and_with_the_first_it_is_live()
    {
        await using var page = await OpenAsync();
        await page.IsAsync("quiet");
        await Expect(page.Id("state")).ToHaveTextAsync("Quiet");
        await Expect(page.Id("banner")).ToHaveTextAsync("No record has arrived yet.");

        _market.Trade("A", "1");

        await page.IsAsync("live");
        await Expect(page.Id("banner")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task While_no_record_arrives_it_is_quiet_since_the_last_one()
    {
        long last = DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        _market.Trade("A", "1", last - 1000);
        _api.RecordMs = last;
        await using var page = await OpenAsync();

        await page.IsAsync("quiet");

        await Expect(page.Id("banner")).ToHaveTextAsync("No record has arrived since 2026-01-02 03:04:05 UTC.");
        await Expect(page.Id("node-producer").Locator(".fault")).ToHaveTextAsync("quiet");
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData("2013-04-12T10:00:00Z", "replay", "Replay · 2013-04-12")]
    [InlineData("2019-12-31T23:59:59Z", "replay", "Replay · 2019-12-31")]
    [InlineData(null, "delayed", "Delayed")]
    public async Task Old_events_that_arrive_now_are_no_live_market(string? of, string state, string word)
    {
        long time = of is null ? Now - (16 * 60_000) : DateTimeOffset.Parse(of, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        _market.Trade("A", "1", time);
        await using var page = await OpenAsync();

        await page.IsAsync(state);

        await Expect(page.Id("state")).ToHaveTextAsync(word);
        await Expect(page.Id("banner")).ToContainTextAsync(of is null ? "Events are 16 min old when they arrive." : of[..10]);
        _market.Trade("A", "2");
        await page.IsAsync("live");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Records_whose_timestamps_are_event_times_are_a_replay_while_they_come()
    {
        const long eventMs = 1_365_760_800_000;
        _market.Trade("A", "1", eventMs);
        _api.RecordMs = eventMs;
        _api.Heartbeat = FakeApi.Often;
        await using var page = await OpenAsync();
        await page.IsAsync("quiet");

        int price = 1;
        await Wait.UntilAsync(
            async () =>
            {
                _market.Trade("A", (++price).ToString(CultureInfo.InvariantCulture), eventMs + price);
                return await page.Page.Locator("html").GetAttributeAsync("data-state") == "replay";
            },
            "a replay");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Missing_heartbeat_is_shown_before_the_connection_is_given_up()
    {
        _api.Heartbeat = TimeSpan.FromSeconds(1); // the page is told by the first one
        _market.Trade("A", "1");
        await using var page = await OpenAsync();
        await page.IsAsync("live");
        await RecordStatesAsync(page);

        _api.Silent = true;

        await page.Page.WaitForFunctionAsync("() => states.includes('late') && states.includes('lost')");
        string[] states = await page.Page.EvaluateAsync<string[]>("() => states");
        Assert.Equal("late", states[Array.IndexOf(states, "lost") - 1]);
        _api.Silent = false;
        _market.Trade("A", "2");
        await page.IsAsync("live");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Frozen_tab_does_not_call_itself_live_and_goes_on_when_it_thaws()
    {
        _market.Trade("A", "1");
        await using var page = await OpenAsync("#A");
        await page.IsAsync("live");
        await RecordStatesAsync(page);

        await page.Page.EvaluateAsync("() => document.dispatchEvent(new Event('freeze'))");
        await Wait.UntilAsync(() => Task.FromResult(_api.Connected == 0), "the page gives its connections back");
        _market.Trade("A", "2");
        await page.Page.EvaluateAsync("() => document.dispatchEvent(new Event('resume'))");

        await page.IsAsync("live");
        await Expect(page.Price("A")).ToHaveTextAsync("2");
        Assert.Equal("paused", (await page.Page.EvaluateAsync<string[]>("() => states"))[0]);
        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["2", "1"]);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Way_to_the_screen_is_measured_from_the_record_also_where_the_event_is_old()
    {
        _api.Heartbeat = FakeApi.Often;
        _market.Trade("A", "1", 1_365_760_800_000);
        await using var page = await OpenAsync();
        await Expect(page.Id("latency-name")).ToHaveTextAsync("record to screen");

        int price = 1;
        string? shown = null;
        await Wait.UntilAsync(
            async () =>
            {
                _market.Trade("A", (++price).ToString(CultureInfo.InvariantCulture), 1_365_760_800_000 + price);
                return (shown = await page.Id("latency").TextContentAsync()) != "–";
            },
            "a latency");
        Assert.Matches("^[\\d.]+ (ms|s)$", shown);
    }

    /// <summary>Collects what the page says of itself from here on.</summary>
    private static async Task RecordStatesAsync(OpenPage page) => await page.Page.EvaluateAsync("""
        () => {
          window.states = [];
          new MutationObserver(() => states.push(document.documentElement.dataset.state))
            .observe(document.documentElement, { attributes: true, attributeFilter: ['data-state'] });
        }
        """);

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private Task<OpenPage> OpenAsync(string at = "") =>
        OpenPage.AtAsync(chromium.Browser, new Uri(_api.Address, at), mayMissTheApi: true);
}
