using System.Globalization;
using Microsoft.Playwright;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>Nothing is cut off, squeezed or stretched, and colours can be told apart.</summary>
public sealed class PageLayoutTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const long DayMs = 86_400_000;

    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeApi.StartAsync(_market);

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresTheory(Need.Chromium)]
    [InlineData(320)]
    [InlineData(390)]
    [InlineData(768)]
    [InlineData(1440)]
    public async Task Symbols_prices_and_changes_are_not_cut_off(int width)
    {
        foreach (var (symbol, before, price) in new[]
        {
            ("1000SATSUSDT", "0.0001", "0.000248321"), ("BTC-27JUN25-100000-C", "10", "1234567.12345678"), ("BTCUSDT", "61000", "61807.15"),
            ("PERPETUAL/USD:USD", "1", "123456"), ("X", "148.32", "2.25"),
        })
        {
            _market.Trade(symbol, before, Now - DayMs);
            _market.Trade(symbol, price);
        }

        await using var page = await OpenAsync(width);
        await Expect(page.Row("1000SATSUSDT").Locator(".c-percent")).ToHaveTextAsync("+148.3 %");
        await Expect(page.Id("gainers").Locator("li")).ToHaveCountAsync(4);

        string[] cut = await page.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('#rows :is(td, th), #rows .name, .movers button > span')]
              .filter(element => element.checkVisibility() && (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
                || element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 0 && element.matches('.name')))
              .map(element => `${element.className}: ${element.textContent}`)
            """);
        Assert.Empty(cut);
        Assert.False(await page.ScrollsSidewaysAsync());
    }

    [RequiresFact(Need.Chromium)]
    public async Task Usual_symbols_and_amounts_are_on_one_line_at_every_width()
    {
        foreach (string symbol in new[] { "BTCUSDT", "ADAUSDT", "DOGEUSDT", "MATICUSDT", "BTC-USD" })
            _market.Trade(symbol, "61807.15");
        _market.Trade("SHIBUSDT", "0.00000123", Now - DayMs);
        _market.Trade("SHIBUSDT", "0.00000125");
        await using var page = await OpenAsync(1280);
        await Expect(page.Row("DOGEUSDT")).ToBeVisibleAsync();
        await Expect(page.Row("SHIBUSDT").Locator(".c-change")).ToHaveTextAsync("+0.00000002");

        List<string> faults = [];
        foreach (string open in new[] { "#", "#BTCUSDT" })
        {
            await page.Page.EvaluateAsync("hash => { location.hash = hash }", open);
            for (int width = 360; width <= 1920; width += 40)
            {
                await page.Page.SetViewportSizeAsync(width, 800);
                string[] broken = await page.Page.EvaluateAsync<string[]>("""
                    () => [...document.querySelectorAll('#rows .name')].filter(name => name.checkVisibility())
                      .filter(name => name.getBoundingClientRect().height > 1.5 * parseFloat(getComputedStyle(name).lineHeight))
                      .concat([...document.querySelectorAll('#rows td.amount')].filter(cell => cell.checkVisibility())
                        .filter(cell => new Set([...cell.querySelectorAll('span')].flatMap(span => [...span.getClientRects()])
                          .map(line => Math.round(line.top))).size > 1))
                      .map(element => element.textContent)
                    """);
                faults.AddRange(broken.Select(name => $"{name} at {width} px {open}"));
            }
        }

        Assert.Empty(faults);
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData(320)]
    [InlineData(390)]
    public async Task Phone_names_the_path_and_has_the_search_before_movers_and_symbols(int width)
    {
        _market.Trade("A", "1");
        await using var page = await OpenAsync(width);
        await Expect(page.Row("A")).ToBeVisibleAsync();

        float right = 0;
        foreach (var name in await page.Page.Locator(".node b").AllAsync())
        {
            var box = (await name.BoundingBoxAsync())!;
            Assert.True(box.X >= right && box.X + box.Width <= width && box.Width > 10, await name.TextContentAsync());
            right = box.X + box.Width;
        }

        float[] tops = await page.Page.EvaluateAsync<float[]>(
            "() => ['.path', '#filter', '.movers', '#scroller'].map(of => document.querySelector(of).getBoundingClientRect().top)");
        Assert.Equal(tops.Order(), tops);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Line_of_a_few_minutes_takes_a_few_minutes_of_the_hour()
    {
        long now = Now;
        foreach (int minute in new[] { 6, 5, 4, 3, 2, 1 })
            _market.Trade("SHORT", (100 + (minute % 3)).ToString(CultureInfo.InvariantCulture), now - (minute * 60_000));
        for (int minute = 55; minute > 0; minute--)
            _market.Trade("LONG", (100 + (minute % 3)).ToString(CultureInfo.InvariantCulture), now - (minute * 60_000));
        await using var page = await OpenAsync(1440);

        Assert.InRange(await BeginAsync("SHORT", points: 5), 90, 118);
        Assert.InRange(await BeginAsync("LONG", points: 50), 2, 25);

        async Task<double> BeginAsync(string symbol, int points)
        {
            await page.Page.WaitForFunctionAsync(
                "([symbol, points]) => "
                    + "document.querySelector(`[data-symbol=${symbol}] path`)?.getAttribute('d')?.split('L').length > points",
                new object[] { symbol, points });
            return await page.Row(symbol).Locator("path").EvaluateAsync<double>(
                "path => Number(path.getAttribute('d').slice(1).split(' ')[0])");
        }
    }

    [RequiresFact(Need.Chromium)]
    public async Task Lines_of_all_rows_on_screen_are_read_one_after_the_other()
    {
        string[] symbols = [.. Enumerable.Range(0, 12).Select(number => $"S{number}")];
        foreach (string symbol in symbols)
            _market.Trade(symbol, "1");
        await using var page = await OpenAsync(1440);

        await page.Page.EvaluateAsync("""
            async symbols => {
              const { Sparks } = await import('/page/spark.js');
              window.rows = symbols.map(symbol => ({ symbol, time: Date.now(), value: 1, spark: null }));
              new Sparks().see(rows, Date.now());
            }
            """, symbols);

        await page.Page.WaitForFunctionAsync("() => rows.every(row => row.spark.past === 'read')");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Figures_of_all_symbols_are_read_one_hundred_after_the_other()
    {
        string[] symbols = [.. Enumerable.Range(0, 250).Select(number => $"S{number}")];
        foreach (string symbol in symbols)
            _market.Trade(symbol, "1");
        await using var page = await OpenAsync(1440);

        await page.Page.EvaluateAsync("""
            async symbols => {
              const { Days } = await import('/page/day.js');
              window.days = new Days();
              window.rows = symbols.map(symbol => ({ symbol, time: Date.now(), value: 1, price: '1', moves: 1 }));
              days.see(rows, true);
            }
            """, symbols);

        await page.Page.WaitForFunctionAsync("() => rows.every(row => days.get(row.symbol)?.today)");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Few_candles_lie_in_the_middle_of_the_chart_and_many_fill_it()
    {
        long now = Now;
        _market.Trade("FEW", "100", now - 60_000);
        _market.Trade("FEW", "99", now - 60_000);
        _market.Trade("FEW", "101", now);
        for (int minute = 290; minute > 0; minute--)
        {
            _market.Trade("MANY", (100 + (minute % 7)).ToString(CultureInfo.InvariantCulture), now - (minute * 60_000));
            _market.Trade("MANY", (103 - (minute % 5)).ToString(CultureInfo.InvariantCulture), now - (minute * 60_000));
        }

        await using var page = await OpenAsync(1440, "#FEW");

        var few = await DrawnAsync(page);
        Assert.InRange(few.Left, 0.3, 0.6);
        Assert.InRange(few.Right, 0.4, 0.7);
        await page.Row("MANY").Locator(".name").ClickAsync();
        await Wait.UntilAsync(async () => (await DrawnAsync(page)).Left < 0.1, "the candles begin at the left");
        Assert.InRange((await DrawnAsync(page)).Right, 0.85, 1);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Axis_of_a_chart_over_several_days_names_the_days()
    {
        await using var page = await OpenAsync(1440);

        string[] marks = await page.Page.EvaluateAsync<string[]>("""
            async () => {
              const { axisMark } = await import('/page/chart.js');
              const day = Date.UTC(2026, 10, 28);
              return [axisMark(day, 2, false), axisMark(day + 9 * 3600e3, 3, false), axisMark(Date.UTC(2026, 0, 1), 0, true),
                axisMark(Date.UTC(2026, 1, 1), 1, true), axisMark(Date.UTC(2026, 1, 1), 1, false)];
            }
            """);

        Assert.Equal(["28 Nov", "09:00", "2026", "Feb", "1 Feb"], marks);
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData(600)]
    [InlineData(900)]
    public async Task Footer_cuts_no_row(int height)
    {
        foreach (int i in Enumerable.Range(0, 200))
            _market.Trade($"S{i:D3}", "1");
        await using var page = await OpenAsync(1440, height: height);
        await Expect(page.Id("dead-letters")).ToHaveTextAsync("0 dead letters"); // the last thing that comes with the page
        await page.Row("S000").Locator(".name").FocusAsync();
        await page.Page.Keyboard.PressAsync("End");
        await page.FocusIsAsync("S199");

        Assert.True(await page.Page.EvaluateAsync<bool>("""
            () => {
              const bottom = of => document.querySelector(of).getBoundingClientRect().bottom;
              const top = of => document.querySelector(of).getBoundingClientRect().top;
              return bottom('[data-symbol=S199]') <= bottom('#scroller') + 1 && bottom('#scroller') <= top('footer')
                && bottom('footer') <= Math.max(innerHeight, document.documentElement.scrollHeight) + 1;
            }
            """));
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Up_and_down_are_told_apart_without_red_or_green_cones(ColorScheme scheme)
    {
        _market.Trade("A", "1");
        await using var page = await OpenAsync(1440, scheme: scheme);
        string[] colours = await page.Page.EvaluateAsync<string[]>(
            "() => ['--up', '--down', '--surface', '--raised'].map("
                + "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim())");

        foreach (double[,] vision in new[] { ColourVision.Usual, ColourVision.Deuteranopia, ColourVision.Protanopia })
            Assert.True(ColourVision.Distance(colours[0], colours[1], vision) > 50);
        foreach (string ground in colours[2..])
            Assert.All(colours[..2], colour => Assert.True(ColourVision.Contrast(colour, ground) >= 4.5, $"{colour} on {ground}"));
    }

    /// <summary>Where candles begin and end, as parts of the chart's width.</summary>
    private static async Task<(double Left, double Right)> DrawnAsync(OpenPage page)
    {
        var found = await page.Page.WaitForFunctionAsync("""
            () => {
              const style = getComputedStyle(document.documentElement);
              const wanted = ['--up', '--down'].map(name => parseInt(style.getPropertyValue(name).trim().slice(1), 16));
              const canvas = [...document.querySelectorAll('#chart canvas')].find(canvas => canvas.width > 300 && canvas.height > 100);
              if (!canvas) return null;
              const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
              copy.drawImage(canvas, 0, 0);
              const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
              const columns = new Map();
              for (let i = 0; i < data.length; i += 4)
                if (data[i + 3] === 255 && wanted.includes((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]))
                  columns.set((i / 4) % canvas.width, (columns.get((i / 4) % canvas.width) ?? 0) + 1);
              const candles = [...columns].filter(([, pixels]) => pixels > 8).map(([x]) => x);
              return candles.length === 0 ? null : [Math.min(...candles) / canvas.width, Math.max(...candles) / canvas.width];
            }
            """);
        double[] ends = await found.JsonValueAsync<double[]>();
        return (ends[0], ends[1]);
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private Task<OpenPage> OpenAsync(int width, string at = "", int height = 900, ColorScheme scheme = ColorScheme.Light) =>
        OpenPage.AtAsync(
            chromium.Browser, new Uri(_api.Address, at),
            new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme }, mayMissTheApi: true);
}
