using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>The page on other screens, with other colours, and without a part of it.</summary>
public sealed partial class PageTests
{
    [RequiresFact(Need.Chromium)]
    public async Task Names_that_are_markup_stay_text()
    {
        const string venue = "<img src=/nowhere onerror=\"document.title='owned'\">";
        _market.Trade("A", "1", venue: venue);
        await using var page = await OpenAsync("#%3Cimg%20src=x%3E", mayMissTheApi: true); // which knows no such symbol

        await Expect(page.Row("A").Locator(".venue")).ToHaveTextAsync(venue);
        await Expect(page.Id("detail-symbol")).ToHaveTextAsync("<IMG SRC=X>");
        await Expect(page.Page.Locator("main img")).ToHaveCountAsync(0);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Page_without_its_chart_library_reports_it_and_draws_a_line()
    {
        foreach (int minute in Enumerable.Range(0, 20))
            _market.Trade("A", $"{minute % 3}.5", Now - 1_200_000 + (minute * 60_000));
        await using var page = await OpenAsync(
            "#A", before: page => page.RouteAsync("**/lightweight-charts.mjs", route => route.FulfillAsync(new()
        {
            ContentType = "text/javascript",
            BodyBytes = Radar.Api.Http.Page.ChartLibrary.Read(null).Single().Content,
        })));

        await Expect(page.Id("detail-note")).ToContainTextAsync("not there when this API was built");
        await page.Page.WaitForFunctionAsync(
            "() => document.querySelector('#chart svg path')?.getAttribute('d')?.split('L').length === 20");
        await Expect(page.Id("chart").Locator("canvas")).ToHaveCountAsync(0);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Hundred_thousand_symbols_are_few_rows_and_found_by_filter()
    {
        const int symbols = 100_000;
        for (int i = 0; i < symbols; i++)
            _market.Trade($"SYM{i:D5}", "1");
        await using var page = await OpenAsync();
        await Expect(page.Id("count")).ToHaveTextAsync("100,000 symbols");

        await Expect(page.Id("table")).ToHaveAttributeAsync("aria-rowcount", "100001");
        await Wait.UntilAsync(async () => await page.Page.Locator("#rows tr").CountAsync() is >= 10 and <= 60, "the rows fill the window");
        await page.Id("filter").FillAsync("77777");
        await Expect(page.Page.Locator("#rows tr[data-symbol]")).ToHaveCountAsync(1);
        _market.Trade("SYM77777", "2");
        await Expect(page.Price("SYM77777")).ToHaveTextAsync("2");
        await page.Id("filter").FillAsync("");
        // The browser lays out when it likes while rows go; here it does each time.
        await page.Page.EvaluateAsync("""
            () => {
              const { remove } = Element.prototype;
              Element.prototype.remove = function () { remove.call(this); return document.getElementById('scroller').scrollHeight; };
            }
            """);
        await page.Row("SYM00000").Locator("button").FocusAsync();
        await page.Page.Keyboard.PressAsync("End");
        await page.FocusIsAsync("SYM99999");
        Assert.True(await page.Page.EvaluateAsync<bool>(
            "() => { const of = document.getElementById('scroller'); return of.scrollTop + of.clientHeight >= of.scrollHeight - 1; }"));
    }

    [RequiresFact(Need.Chromium)]
    public async Task Phone_has_no_sideways_scroll_and_a_symbol_covers_the_board()
    {
        foreach (string symbol in new[] { "BTCUSDT", "A-NAME-THAT-IS-AS-LONG-AS-ALLOWED" })
        {
            _market.Trade(symbol, "58123.12345678", Now - DayMs);
            _market.Trade(symbol, "61234567.12345678", venue: "a venue with a long name");
        }

        foreach (int width in new[] { 320, 390, 768 })
        {
            await using var page = await OpenAsync(
                options: new() { ViewportSize = new() { Width = width, Height = 800 }, HasTouch = true });
            await Expect(page.Row("BTCUSDT")).ToBeVisibleAsync();
            Assert.False(await page.ScrollsSidewaysAsync(), $"the board at {width} px");

            await page.Row("BTCUSDT").TapAsync();
            await Expect(page.Id("trades").Locator("tr")).ToHaveCountAsync(2);
            Assert.False(await page.ScrollsSidewaysAsync(), $"the symbol at {width} px");
            Assert.Equal((width, 800.0), await BoxAsync(page.Id("detail")));
            await page.Id("detail-close").TapAsync();
            await Expect(page.Id("detail")).ToBeHiddenAsync();
        }

        static async Task<(int Width, double Height)> BoxAsync(ILocator element)
        {
            var box = await element.BoundingBoxAsync();
            return ((int)box!.Width, box.Height);
        }
    }

    [RequiresFact(Need.Chromium)]
    public async Task Colours_are_the_system_s()
    {
        _market.Trade("A", "1");
        await using var page = await OpenAsync("#A", new() { ColorScheme = ColorScheme.Dark });
        await page.Page.WaitForFunctionAsync(CandlesAreDrawn);
        Assert.True(await BrightnessAsync() < 60);

        await page.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });

        await page.Page.WaitForFunctionAsync(CandlesAreDrawn);
        Assert.True(await BrightnessAsync() > 200);

        Task<double> BrightnessAsync() => page.Page.EvaluateAsync<double>(
            "() => Math.max(...getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number))");
    }
}
