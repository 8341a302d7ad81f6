using Radar.Market.Store;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>The page when the API is away, silent, stale or starts over: it says so, and goes on by itself.</summary>
public sealed class PageAndLostApiTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync(_market);
        _market.Trade("A", "1");
        _market.Trade("B", "5");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresFact(Need.Chromium)]
    public async Task Restarted_API_is_found_again_and_nothing_that_happened_meanwhile_is_missing()
    {
        _api.Heartbeat = FakeApi.Often; // the page gives up on the browser's own attempts
        await using var page = await LiveAsync("#A", mayMissTheApi: true);
        await _api.StopAsync();
        await page.IsAsync("lost");
        await Expect(page.Id("banner")).ToContainTextAsync("The connection to the API is lost. What you see is as of ");
        await Expect(page.Id("state")).ToHaveTextAsync("Reconnecting");
        await Expect(page.Price("A")).ToHaveTextAsync("1");

        _market.Trade("A", "2");
        await _api.StartAgainAsync();

        await page.IsAsync("live");
        await Expect(page.Id("banner")).ToBeHiddenAsync();
        _market.Trade("A", "3");
        await Expect(page.Price("A")).ToHaveTextAsync("3");
        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["3", "2", "1"]);
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("3");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Dropped_connection_resumes_after_the_last_event_that_was_seen()
    {
        await using var page = await LiveAsync(mayMissTheApi: true);
        _market.Trade("A", "2");
        await Expect(page.Price("A")).ToHaveTextAsync("2");

        _api.DropConnections();

        await Wait.UntilAsync(() => Task.FromResult(_api.Streams.Count > 1), "another connection");
        await page.IsAsync("live");
        Assert.Equal($"1-0badcafe-{_market.Offset}", _api.Streams.Last().From);
        Assert.DoesNotContain("since", _api.Streams.Last().Query, StringComparison.Ordinal);
        await Expect(page.Price("B")).ToHaveTextAsync("5");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Connection_that_fell_silent_is_given_up_and_opened_again()
    {
        _api.Heartbeat = FakeApi.Often;
        await using var page = await LiveAsync(mayMissTheApi: true);

        _api.Silent = true;
        await Expect(page.Id("banner")).ToContainTextAsync("silent");
        await page.IsAsync("lost");
        _api.Silent = false;

        await page.IsAsync("live");
        Assert.NotNull(_api.Streams.Last().From);
        _market.Trade("B", "6");
        await Expect(page.Price("B")).ToHaveTextAsync("6");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Stale_state_is_shown_and_withdrawn()
    {
        _api.Heartbeat = FakeApi.Often;
        await using var page = await LiveAsync();

        _api.Lag = (84_213, 41.3);
        _api.Stale = true;
        await page.IsAsync("stale");
        await Expect(page.Id("banner")).ToHaveTextAsync("Prices are old: what is served is 41 s behind the topic.");
        await page.Page.WaitForFunctionAsync("() => Number(getComputedStyle(document.getElementById('rows')).opacity) < 0.8");
        _api.Lag = (168_426, 82.6);
        await Expect(page.Id("banner")).ToHaveTextAsync("Prices are old: what is served is 1 min behind the topic.");
        _api.Stale = false;

        await page.IsAsync("live");
        await Expect(page.Id("banner")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task State_that_lacks_records_is_shown_and_one_that_was_begun_late_is_not()
    {
        _api.Heartbeat = FakeApi.Often;
        await using var page = await LiveAsync();

        _api.Incomplete = Marks.Hole;
        await page.IsAsync("incomplete");
        await Expect(page.Id("banner")).ToHaveTextAsync(
            "Prices are current, but trades are missing in partition 0 from 2026-11-28 16:00 UTC to 2026-11-28 17:00 UTC (retention).");
        _api.Incomplete = IntegrityMarks.Add(null, new IntegrityMark(
            0, IntegrityMarks.Damage, 0, 20, Start: null, End: null, Marks.Found, "It is being rebuilt.", "radar:{1.p00}:latest"));
        _api.Lag = (20, 41);
        _api.Stale = true;
        await page.IsAsync("stale");
        await Expect(page.Id("banner")).ToHaveTextAsync(
            "Prices are old: what is served is 41 s behind the topic. And the state differs from the topic in partition 0 (damage).");
        _api.Stale = false;
        _api.Incomplete = Marks.Hole.Replace("retention", "log_start", StringComparison.Ordinal);
        await page.IsAsync("live");
        await Expect(page.Id("banner")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Open_symbol_does_not_hide_on_a_phone_that_the_connection_is_lost()
    {
        await using var page = await LiveAsync("#A", mayMissTheApi: true);
        await page.Page.SetViewportSizeAsync(390, 800);

        await _api.StopAsync();
        await page.IsAsync("lost");

        Assert.True(await page.Page.EvaluateAsync<bool>(
            "() => { const box = document.getElementById('banner').getBoundingClientRect(); return document.elementFromPoint(box.x + 20, "
                + "box.y + 5).id === 'banner'; }"));
        await _api.StartAgainAsync();
        await page.IsAsync("live");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Reset_replaces_everything_that_was_known()
    {
        await using var page = await LiveAsync(mayMissTheApi: true);

        _market.Forget("B");
        _market.Trade("C", "9");
        _api.Reset("the epoch was promoted");

        await Expect(page.Row("B")).ToHaveCountAsync(0);
        await Expect(page.Price("C")).ToHaveTextAsync("9");
        await Expect(page.Id("count")).ToHaveTextAsync("2 symbols");
        await page.IsAsync("live");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Announced_stop_is_waited_for()
    {
        await using var page = await LiveAsync();

        await page.Page.EvaluateAsync("""
            () => {
              const banner = document.getElementById('banner');
              window.said = [];
              new MutationObserver(() => said.push(banner.textContent))
                .observe(banner, { childList: true, characterData: true, subtree: true });
            }
            """); // it is said only until the page connects again
        _api.SendToAll("shutdown", """{"retry_ms":1000}""");

        await page.Page.WaitForFunctionAsync("() => said.some(text => text.includes('The API is restarting.'))");
        await Wait.UntilAsync(() => Task.FromResult(_api.Streams.Count == 2), "another connection");
        await page.IsAsync("live");
        Assert.NotNull(_api.Streams.Last().From);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Refusal_is_shown_in_the_API_s_words_and_asked_again()
    {
        _api.Refusal = "This API serves at most 2 streams.";
        await using var page = await OpenPage.AtAsync(chromium.Browser, _api.Address, mayMissTheApi: true);
        await Expect(page.Id("banner")).ToContainTextAsync("The API refuses: This API serves at most 2 streams.");

        _api.Refusal = null;

        await page.IsAsync("live");
        await Expect(page.Price("A")).ToHaveTextAsync("1");
    }

    private async Task<OpenPage> LiveAsync(string at = "", bool mayMissTheApi = false)
    {
        var page = await OpenPage.AtAsync(chromium.Browser, new Uri(_api.Address, at), mayMissTheApi: mayMissTheApi);
        await Expect(page.Price("A")).ToHaveTextAsync("1");
        await page.IsAsync("live");
        return page;
    }
}
