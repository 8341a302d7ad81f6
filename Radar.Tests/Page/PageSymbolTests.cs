using Radar.Market;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>A symbol that does not exist, or not yet, and the figures of one that does.</summary>
public sealed class PageSymbolTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync(_market);
        _market.Trade("A", "12345.5");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresTheory(Need.Chromium)]
    [InlineData("NOSUCH")]
    [InlineData("BTCUSD")]
    [InlineData("A?")]
    [InlineData("<b>")]
    public async Task Symbol_that_does_not_exist_is_named_and_no_other_s_price_is_shown(string symbol)
    {
        string name = symbol.ToUpperInvariant();
        await using var page = await OpenAsync("#A");
        await Expect(page.Id("detail-price")).ToHaveTextAsync("12345.5");
        await Expect(page.Page).ToHaveTitleAsync("12345.5 A – Radar");

        await page.Page.EvaluateAsync("symbol => { location.hash = encodeURIComponent(symbol); }", symbol);

        await Expect(page.Id("detail-note")).ToHaveTextAsync(
            $"No such symbol: no trade of {name} has come so far. It opens with its first one.");
        await Expect(page.Id("detail-symbol")).ToHaveTextAsync(name);
        await Expect(page.Page).ToHaveTitleAsync($"No such symbol: {name} – Radar");
        foreach (string id in new[] { "detail-price", "day", "chart", "trades" })
            await Expect(page.Id(id)).ToBeHiddenAsync();
        Assert.DoesNotContain("12345", await page.Id("detail").InnerTextAsync(), StringComparison.Ordinal);
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData(true, "kPEPE", "2")]
    [InlineData(false, "KPEPE", "1")]
    public async Task Address_names_a_symbol_as_it_is_spelled_where_case_counts(bool keepsCase, string symbol, string price)
    {
        var market = new FakeMarket();
        await using var api = await FakeApi.StartAsync(market, keepsCase ? SymbolRule.Keep : SymbolRule.Upper);
        market.Trade("KPEPE", "1");
        market.Trade("kPEPE", "2");
        await using var page = await OpenPage.AtAsync(chromium.Browser, new Uri(api.Address, "#kPEPE"));

        await Expect(page.Id("detail-symbol")).ToHaveTextAsync(symbol);
        await Expect(page.Id("detail-price")).ToHaveTextAsync(price);
        await page.Id("filter").FillAsync("kpe");
        await Expect(page.Row("kPEPE")).ToBeVisibleAsync();
        await Expect(page.Row("KPEPE")).ToBeVisibleAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Symbol_opens_with_its_first_trade()
    {
        await using var page = await OpenAsync("#LATER");
        await Expect(page.Id("detail-note")).ToContainTextAsync("No such symbol");

        _market.Trade("LATER", "7");

        await Expect(page.Id("detail-price")).ToHaveTextAsync("7");
        await Expect(page.Id("trades").Locator("td:nth-child(2)")).ToHaveTextAsync(["7"]);
        await Expect(page.Page).ToHaveTitleAsync("7 LATER – Radar");
        await Expect(page.Id("detail-note")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Symbol_of_which_the_API_cannot_know_yet_is_not_called_unknown()
    {
        _api.IsLoaded = false;
        await using var page = await OpenAsync("#LATER");
        await Expect(page.Id("detail-note")).ToHaveTextAsync(
            "LATER is not known yet: The state is being read from Redis. Try again. Trying again.");
        await Expect(page.Page).ToHaveTitleAsync("LATER – Radar");

        _api.IsLoaded = true;

        await Expect(page.Id("detail-note")).ToContainTextAsync("No such symbol");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Search_for_a_symbol_that_does_not_exist_says_so()
    {
        await using var page = await OpenAsync();

        await page.Id("filter").FillAsync("zzz");

        await Expect(page.Id("empty")).ToHaveTextAsync("No symbol has “zzz” in its name.");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Id("detail")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Figures_of_the_day_follow_each_trade_with_the_candle()
    {
        int reads = 0;
        await using var page = await OpenPage.AtAsync(
            chromium.Browser, new Uri(_api.Address, "#A"), new() { ViewportSize = new() { Width = 2400, Height = 900 } },
            page => page.RouteAsync("**/api/v2/snapshots*", route => reads++ == 0 ? route.ContinueAsync() : route.AbortAsync()),
            mayMissTheApi: true);
        var day = page.Id("day").Locator("dd");
        await Expect(day).ToHaveTextAsync(["12345.5", "12345.5", "12345.5", "1", "1"]);
        await Expect(page.Row("A").Locator(".c-high")).ToHaveTextAsync("12345.5");

        _market.Trade("A", "20000.25", size: "2.5");
        await Expect(day).ToHaveTextAsync(["12345.5", "20000.25", "12345.5", "3.5", "2"]);
        await Expect(page.Row("A").Locator(".c-high")).ToHaveTextAsync("20000.25");
        await Expect(page.Row("A").Locator(".c-change")).ToHaveTextAsync("+7654.75");
        await Expect(page.Id("legend").Locator("[data-name=H]")).ToHaveTextAsync("20000.25");
        _market.Trade("A", "9.000000000000000001", size: "0.5");

        await Expect(day).ToHaveTextAsync(["12345.5", "20000.25", "9.000000000000000001", "4.0", "3"]);
        await Expect(page.Row("A").Locator(".c-low")).ToHaveTextAsync("9.000000000000000001");
        await Expect(page.Row("A").Locator(".c-change")).ToHaveTextAsync("−12336.499999999999999999");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Trade_that_was_read_is_not_added_again_when_a_slow_stream_brings_it()
    {
        _market.Trade("A", "2"); // offset 2; the first is of the fixture
        await using var page = await OpenAsync();

        string[] trades = await page.Page.EvaluateAsync<string[]>("""
            async () => {
              const { History } = await import('/page/history.js');
              const { usual } = await import('/page/frames.js');
              const source = Object.assign(new EventTarget(), { close() {} });
              const send = (kind, offset, data) => source.dispatchEvent(
                new MessageEvent(kind, { data: JSON.stringify(data), lastEventId: `1-0badcafe-${offset}` }));
              const seen = [];
              await new Promise(resolve => {
                const { EventSource } = window; // the page's own, which opens its stream when it likes
                window.EventSource = function () { return source; };
                const history = new History('A', usual, {
                  day() {}, restart() {}, failed() {},
                  trades: list => seen.push(...list.map(trade => trade.p)),
                  trade: trade => seen.push(`stream ${trade.p}`),
                  bars: () => setTimeout(() => { // what was read is there
                    send('trade', 2, { p: '2' });
                    send('trade', 3, { p: '3' });
                    history.stop();
                    resolve();
                  }),
                });
                window.EventSource = EventSource;
                send('snapshot', 1, { tickers: [] });
              });
              return seen;
            }
            """);

        Assert.Equal(["2", "12345.5", "stream 3"], trades);
    }

    private Task<OpenPage> OpenAsync(string at = "") =>
        OpenPage.AtAsync(chromium.Browser, new Uri(_api.Address, at), mayMissTheApi: true);
}
