using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>What the page shows and how it is used, in a real browser.</summary>
public sealed partial class PageTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const long DayMs = 86_400_000;

    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync(_market);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresFact(Need.Chromium)]
    public async Task Prices_are_shown_to_the_last_digit_and_move_with_every_trade()
    {
        _market.Trade("LONG", "12345678901234567.890123456789");
        _market.Trade("TINY", "0.00000100");
        await using var page = await OpenAsync();

        await Expect(page.Price("LONG")).ToHaveTextAsync("12345678901234567.890123456789");
        await Expect(page.Price("TINY")).ToHaveTextAsync("0.00000100");
        await page.IsAsync("live");
        _market.Trade("TINY", "0.00000101");
        _market.Trade("NEW", "7");

        await Expect(page.Price("TINY")).ToHaveTextAsync("0.00000101");
        await Expect(page.Price("TINY")).ToHaveAttributeAsync("data-direction", "up");
        await Expect(page.Price("NEW")).ToHaveTextAsync("7");
        await Expect(page.Id("count")).ToHaveTextAsync("3 symbols");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Row_shows_change_age_venue_and_the_last_hour()
    {
        // Each by a symbol of its own: whatever the hour, yesterday's last trade is of yesterday and an hour has its minutes.
        long now = Now;
        _market.Trade("UP", "100", (now / DayMs * DayMs) - 1);
        _market.Trade("UP", "110.5", now, venue: "kraken");
        _market.Trade("CL=F", "-37.63", (now / DayMs * DayMs) - 1);
        _market.Trade("CL=F", "-36.13", now);
        _market.Trade("OLD", "1", now - (42 * 60_000));
        _market.Trade("OF2013", "1", 1_381_535_548_922);
        for (int minute = 50; minute > 0; minute--)
            _market.Trade("BUSY", (100 + (minute % 7)).ToString(CultureInfo.InvariantCulture), now - (minute * 60_000));
        await using var page = await OpenAsync();

        await Expect(page.Row("UP").Locator(".change")).ToHaveTextAsync("+10.50 %");
        await Expect(page.Row("CL=F").Locator(".c-change")).ToHaveTextAsync("+1.50");
        await Expect(page.Row("CL=F").Locator(".c-change")).ToHaveAttributeAsync("data-direction", "up");
        await Expect(page.Row("UP").Locator(".venue")).ToHaveTextAsync("kraken");
        await Expect(page.Row("OLD").Locator(".age")).ToHaveTextAsync(new Regex("^4[2-9] min$"));
        await Expect(page.Row("OF2013").Locator(".age")).ToHaveTextAsync(new Regex("^[1-9][0-9] y$"));
        await page.Page.WaitForFunctionAsync(
            "() => document.querySelector('[data-symbol=BUSY] path')?.getAttribute('d')?.split('L').length > 40");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Opened_symbol_has_candles_and_last_trades_that_follow_the_market()
    {
        for (int minute = 30; minute > 0; minute--)
            _market.Trade("XBT/USD", $"{60000 + (minute * 37 % 11)}.{minute:D2}5", Now - (minute * 60_000));
        await using var page = await OpenAsync();
        await page.Row("XBT/USD").ClickAsync();

        await page.FocusIsAsync("detail-symbol");
        await Expect(page.Id("detail-symbol")).ToHaveTextAsync("XBT/USD");
        await Expect(page.Id("trades").Locator("tr")).ToHaveCountAsync(30);
        await page.Page.WaitForFunctionAsync(CandlesAreDrawn);
        long first = Now;
        _market.Trade("XBT/USD", "61234.123456789012345", first);
        _market.Trade("XBT/USD", "61234.123456789012345", first);

        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("61234.123456789012345");
        await Expect(page.Id("detail-price")).ToHaveTextAsync("61234.123456789012345");
        foreach (int twin in new[] { 0, 1 })
            await Expect(page.Id("trades").Locator("tr").Nth(twin).Locator("td").Nth(1)).ToHaveTextAsync("61234.123456789012345");
        await Expect(page.Id("trades").Locator("tr").Nth(2).Locator("td").Nth(1)).ToHaveTextAsync("60004.015");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Trade_between_the_read_of_a_symbol_and_the_beginning_of_its_stream_is_not_missed()
    {
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.BarsBegin = begin.Task;
        _market.Trade("A", "1");
        await using var page = await OpenAsync("#A");
        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["1"]);

        _market.Trade("A", "2");
        begin.SetResult();

        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["2", "1"]);
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("2");
        _market.Trade("A", "3");
        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["3", "2", "1"]);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Key_that_comes_between_a_resize_and_the_next_frame_goes_where_it_points()
    {
        foreach (int i in Enumerable.Range(0, 300))
            _market.Trade($"S{i:D3}", "1");
        await using var page = await OpenAsync();
        await Expect(page.Row("S000")).ToBeVisibleAsync();

        // This observer hears of the size after the table's own, in the same frame.
        Assert.Equal("S299", await page.Page.EvaluateAsync<string>("""
            () => new Promise(resolve => {
              const scroller = document.getElementById('scroller');
              new ResizeObserver((_, observer) => {
                observer.disconnect(); // the key scrolls the row away: a later size would not find it
                const first = document.querySelector('[data-symbol=S000] button');
                first.focus();
                first.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, cancelable: true }));
                resolve(document.activeElement.closest('tr')?.dataset.symbol);
              }).observe(scroller);
              scroller.style.width = `${scroller.clientWidth - 20}px`;
            })
            """));
    }

    [RequiresFact(Need.Chromium)]
    public async Task Length_of_the_bars_is_chosen()
    {
        long now = Now;
        _market.Trade("A", "1", now - 7_200_000);
        _market.Trade("A", "2", now);
        await using var page = await OpenAsync("#A");
        await Expect(page.Id("legend").Locator("[data-name=O]")).ToHaveTextAsync("2");

        await page.Page.GetByLabel("1d").CheckAsync();

        string open = now / DayMs == (now - 7_200_000) / DayMs ? "1" : "2"; // two hours ago may have been yesterday
        await Expect(page.Id("legend").Locator("[data-name=O]")).ToHaveTextAsync(open);
        _market.Trade("A", "3.5");
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("3.5");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Address_names_the_open_symbol_and_back_closes_it()
    {
        _market.Trade("A", "1");
        _market.Trade("B", "2");
        await using (var linked = await OpenAsync("#b"))
            await Expect(linked.Id("detail-symbol")).ToHaveTextAsync("B");
        await using var page = await OpenAsync();
        await page.Row("A").ClickAsync();
        await Expect(page.Id("detail-symbol")).ToHaveTextAsync("A");
        Assert.EndsWith("#A", page.Page.Url, StringComparison.Ordinal);

        await page.Page.GoBackAsync();

        await Expect(page.Id("detail")).ToBeHiddenAsync();
        await page.FocusIsAsync("A");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Keyboard_alone_filters_opens_and_closes()
    {
        foreach (int i in Enumerable.Range(0, 300))
            _market.Trade($"S{i:D3}", "1");
        await using var page = await OpenAsync();
        await Expect(page.Row("S000")).ToBeVisibleAsync();
        var keys = page.Page.Keyboard;

        await keys.PressAsync("/");
        await page.FocusIsAsync("filter");
        await keys.TypeAsync("s29");
        await Expect(page.Id("count")).ToHaveTextAsync("10 of 300 symbols");
        await keys.PressAsync("ArrowDown");
        await page.FocusIsAsync("S290");
        await keys.PressAsync("ArrowDown");
        await keys.PressAsync("Enter");
        await page.FocusIsAsync("detail-symbol");
        await Expect(page.Id("detail-symbol")).ToHaveTextAsync("S291");
        await keys.PressAsync("Escape");
        await Expect(page.Id("detail")).ToBeHiddenAsync();
        await page.FocusIsAsync("S291");

        await keys.PressAsync("/");
        await keys.PressAsync("Escape");
        await Expect(page.Id("count")).ToHaveTextAsync("300 symbols");
        await keys.PressAsync("Enter");
        await page.FocusIsAsync("S000");
        await keys.PressAsync("End");
        await page.FocusIsAsync("S299");
        await keys.PressAsync("PageUp");
        await keys.PressAsync("Home");
        await page.FocusIsAsync("S000");
        await keys.PressAsync("Shift+Tab"); // the head of the table
        await keys.PressAsync("Tab");
        await page.FocusIsAsync("S000");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Movers_are_the_API_s_and_open_their_symbol()
    {
        foreach (var (symbol, price) in new[] { ("UP", "110"), ("DOWN", "95"), ("STILL", "100") })
        {
            _market.Trade(symbol, "100", Now - DayMs);
            _market.Trade(symbol, price);
        }

        await using var page = await OpenAsync();

        await Expect(page.Id("gainers").Locator("li")).ToHaveTextAsync(["UP110+10.00 %"]);
        await Expect(page.Id("losers").Locator("li")).ToHaveTextAsync(["DOWN95−5.00 %"]);
        await page.Id("losers").Locator("button").ClickAsync();
        await Expect(page.Id("detail-symbol")).ToHaveTextAsync("DOWN");

        // What the API ranked a moment ago.
        string ranked = (await page.Page.EvaluateAsync<string>("async () => await (await fetch('/api/v2/movers?top=5')).text()"))!;
        await page.Page.RouteAsync(
            "**/api/v2/movers?*", route => route.FulfillAsync(new() { Body = ranked, ContentType = "application/json" }));
        _market.Trade("UP", "90");
        await Expect(page.Id("losers").Locator("li")).ToHaveTextAsync(["UP90−10.00 %", "DOWN95−5.00 %"]);
        await Expect(page.Id("gainers").Locator("li")).ToHaveCountAsync(0);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Path_shows_rate_lag_and_latency()
    {
        _market.Trade("A", "1");
        _api.Lag = (1234, 2.5);
        _api.Heartbeat = FakeApi.Often;
        await using var page = await OpenAsync(mayMissTheApi: true);
        await page.IsAsync("live");

        await Expect(page.Id("lag-messages")).ToHaveTextAsync("1,234");
        await Expect(page.Id("lag-seconds")).ToHaveTextAsync("behind · 2.5 s");
        int price = 1;
        await Wait.UntilAsync(
            async () =>
            {
                _market.Trade("A", (++price).ToString(CultureInfo.InvariantCulture));
                return await page.Id("latency").TextContentAsync() is { } latency && latency.EndsWith(" ms", StringComparison.Ordinal)
                    && await page.Id("rate-out").TextContentAsync() is not ("–" or "0.0");
            },
            "a rate and a latency");
        _api.Lag = null;
        await Expect(page.Id("node-kafka")).ToHaveAttributeAsync("data-state", "slow");
    }

    /// <summary>Some pixel of the chart has the colour that candles have in the scheme of the moment.</summary>
    private const string CandlesAreDrawn = """
        () => {
          const style = getComputedStyle(document.documentElement);
          const wanted = ['--up', '--down'].map(name => parseInt(style.getPropertyValue(name).trim().slice(1), 16));
          return [...document.querySelectorAll('#chart canvas')].some(canvas => {
            if (canvas.width === 0 || canvas.height === 0) return false;
            const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
            copy.drawImage(canvas, 0, 0);
            const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4)
              if (data[i + 3] === 255 && wanted.includes((data[i] << 16) | (data[i + 1] << 8) | data[i + 2])) return true;
            return false;
          });
        }
        """;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private Task<OpenPage> OpenAsync(
        string at = "", BrowserNewContextOptions? options = null, Func<IPage, Task>? before = null, bool mayMissTheApi = false) =>
        OpenPage.AtAsync(chromium.Browser, new Uri(_api.Address, at), options, before, mayMissTheApi);
}
