using System.Globalization;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>What people set: order, favourites, zone, length of the bars; and how amounts are written.</summary>
public sealed class PageOrderTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const long DayMs = 86_400_000;

    private readonly FakeMarket _market = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync(_market);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (symbol, before, price, size, age) in new[]
        {
            ("A", "100", "110", "3", 9000), ("B", "1000", "900.5", "1", 90_000), ("C", "1", "1.05", "2000", 700),
        })
        {
            _market.Trade(symbol, before, now - DayMs);
            _market.Trade(symbol, price, now - age, size);
        }
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [RequiresFact(Need.Chromium)]
    public async Task Rows_are_ordered_by_each_column_in_both_directions()
    {
        await using var page = await OpenAsync();
        await Expect(page.Row("A")).ToBeVisibleAsync();
        foreach (var (column, first, second) in new[]
            { ("symbol", "CBA", "ABC"), ("price", "BAC", "CAB"), ("percent", "ACB", "BCA"), ("change", "ACB", "BCA"),
                ("high", "BAC", "CAB"), ("low", "BAC", "CAB"), ("volume", "CAB", "BAC"), ("age", "CAB", "BAC") })
        {
            var head = page.Id($"by-{column}");

            await head.ClickAsync();
            await OrderIsAsync(page, first);
            string? direction = await head.Locator("..").GetAttributeAsync("aria-sort");
            await head.ClickAsync();
            await OrderIsAsync(page, second);

            Assert.NotEqual(direction, await head.Locator("..").GetAttributeAsync("aria-sort"));
            await Expect(page.Page.Locator("th[aria-sort=ascending], th[aria-sort=descending]")).ToHaveCountAsync(1);
        }
    }

    [RequiresFact(Need.Chromium)]
    public async Task Every_column_can_be_ordered_by_and_on_a_phone_by_a_list()
    {
        await using var page = await OpenAsync(width: 390);
        await Expect(page.Page.Locator("#table thead th")).ToHaveCountAsync(10);
        await Expect(page.Page.Locator("#table thead th button")).ToHaveCountAsync(9);

        await page.Id("order").SelectOptionAsync("volume -1");

        await OrderIsAsync(page, "CAB");
        await page.Page.ReloadAsync();
        await OrderIsAsync(page, "CAB");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Favourites_are_first_in_any_order_and_kept()
    {
        await using var page = await OpenAsync();
        await page.Row("B").Locator(".star").ClickAsync();
        await OrderIsAsync(page, "BAC");
        await Expect(page.Id("detail")).ToBeHiddenAsync();
        await page.Id("by-price").ClickAsync();
        await page.Id("by-price").ClickAsync();
        await OrderIsAsync(page, "BCA");

        await page.Page.ReloadAsync();
        await OrderIsAsync(page, "BCA");
        await Expect(page.Row("B").Locator(".star")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Id("favourites").ClickAsync();
        await OrderIsAsync(page, "B");
        await page.Row("B").Locator(".name").FocusAsync();
        await page.Page.Keyboard.PressAsync("f");

        await Expect(page.Id("empty")).ToHaveTextAsync("No favourites yet: a star makes a symbol one.");
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData("1234567.5", "1|,234|,567.5", "")]
    [InlineData("12345678901234567.890123456789", "12|,345|,678|,901|,234|,567.890123456789", "")]
    [InlineData("999", "999", "")]
    [InlineData("0.00000100", "0.00000100", "")]
    [InlineData("-1234.5", "-1|,234.5", "")]
    public async Task Amounts_are_drawn_with_separators_and_stay_exact_when_they_are_copied(string price, string drawn, string pad)
    {
        _market.Trade("P", price);
        await using var page = await OpenAsync();

        await Expect(page.Price("P")).ToHaveTextAsync(price);
        Assert.Equal(drawn, await page.Price("P").EvaluateAsync<string>(
            "price => [...price.children].map(span => getComputedStyle(span, '::before').content.replace(/^none$|\"/g, '') "
                + "+ span.textContent).join('|')"));
        Assert.Equal(pad, await page.Price("P").GetAttributeAsync("data-pad") ?? "");
        Assert.Equal(price, await page.Price("P").EvaluateAsync<string>(
            "price => { getSelection().selectAllChildren(price); return getSelection().toString(); }"));
    }

    [RequiresFact(Need.Chromium)]
    public async Task Decimals_of_a_symbol_are_as_many_in_every_price()
    {
        _market.Trade("P", "100.125");
        await using var page = await OpenAsync("#P");
        await Expect(page.Price("P")).ToHaveTextAsync("100.125");

        _market.Trade("P", "101");

        await Expect(page.Price("P")).ToHaveTextAsync("101");
        await Expect(page.Price("P")).ToHaveAttributeAsync("data-pad", ".000");
        await Expect(page.Id("trades").Locator("tr").First.Locator("td").Nth(1)).ToHaveAttributeAsync("data-pad", ".000");
        await Expect(page.Id("day").Locator("[data-member=h]")).ToHaveAttributeAsync("data-pad", ".000");
    }

    [RequiresFact(Need.Chromium)]
    public async Task Times_are_in_UTC_or_in_the_browser_s_zone_and_that_is_kept()
    {
        long noon = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / DayMs * DayMs) - (DayMs / 2);
        _market.Trade("T", "1", noon);
        await using var page = await OpenPage.AtAsync(
            chromium.Browser, new Uri(_api.Address, "#T"), new() { TimezoneId = "Asia/Kolkata" }, mayMissTheApi: true);
        var time = page.Id("trades").Locator("td").First;
        await Expect(time).ToHaveTextAsync("12:00:00.000");
        await Expect(page.Id("zone")).ToHaveTextAsync("UTC");
        string yesterday = DateTimeOffset.FromUnixTimeMilliseconds(noon).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await Expect(page.Id("trades-time")).ToHaveTextAsync($"Time, {yesterday}, UTC");

        await page.Id("zone").ClickAsync();
        await Expect(time).ToHaveTextAsync("17:30:00.000");
        await Expect(page.Id("trades-time")).ToHaveTextAsync($"Time, {yesterday}, UTC+05:30");
        await Expect(page.Id("legend").Locator("[data-name=T]")).ToContainTextAsync("17:30");
        await page.Page.ReloadAsync();
        await Expect(time).ToHaveTextAsync("17:30:00.000");
        await page.Id("zone").ClickAsync();

        await Expect(time).ToHaveTextAsync("12:00:00.000");
        _market.Trade("T", "2", noon + DayMs);
        await Expect(page.Id("trades-time")).ToHaveTextAsync("Time, UTC");
        await Expect(page.Id("trades").Locator("tr").Nth(1).Locator("td").First).ToHaveTextAsync($"{yesterday} 12:00:00");
    }

    [RequiresTheory(Need.Chromium)]
    [InlineData("#A?timeframe=1Day", "1Day")]
    [InlineData("#a?timeframe=4h", "4Hour")]
    [InlineData("#A?timeframe=1hour", "1Hour")]
    [InlineData("#A", "1Min")]
    [InlineData("#A?timeframe=1m", "1Min")]
    [InlineData("#A?timeframe=7Min", "1Min")]
    public async Task Address_names_the_length_of_the_bars(string address, string frame)
    {
        await using var page = await OpenAsync(address);

        await Expect(page.Page.Locator("[name=frame]:checked")).ToHaveAttributeAsync("value", frame);
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("110");
        Assert.DoesNotContain("7Min", page.Page.Url, StringComparison.Ordinal); // it names what is shown
    }

    [RequiresFact(Need.Chromium)]
    public async Task Length_that_is_chosen_while_trades_come_begins_without_a_bar()
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.Reading = (path, _) => path.EndsWith("timeframe=1Hour", StringComparison.Ordinal) ? read.Task : Task.CompletedTask;
        await using var page = await OpenAsync("#A");
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("110");

        // The page draws a trade up to 250 ms after it came: in one of the tries it has one to draw when another length is chosen.
        for (int trade = 0; trade < 20; trade++)
        {
            _market.Trade("A", (111 + trade).ToString(CultureInfo.InvariantCulture));
            await Expect(page.Price("A")).ToHaveTextAsync((111 + trade).ToString(CultureInfo.InvariantCulture));
            await page.Page.Locator(trade % 2 == 0 ? "[value='1Hour']" : "[value='1Min']").CheckAsync();
        }

        read.SetResult();
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("130"); // and no frame failed, see OpenPage
    }

    [RequiresFact(Need.Chromium)]
    public async Task Chosen_length_of_the_bars_is_in_the_address_and_stays_with_the_next_symbol()
    {
        await using var page = await OpenAsync("#A");
        await Expect(page.Id("legend").Locator("[data-name=O]")).ToHaveTextAsync("110");
        await Expect(page.Page.Locator("[name=frame]")).ToHaveCountAsync(11);

        await page.Page.Locator("[value='4Hour']").CheckAsync();
        Assert.EndsWith("#A?timeframe=4Hour", page.Page.Url, StringComparison.Ordinal);
        _market.Trade("A", "111"); // a bar that the stream does not bring
        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("111");
        await page.Row("B").Locator(".name").ClickAsync();

        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("900.5");
        Assert.EndsWith("#B?timeframe=4Hour", page.Page.Url, StringComparison.Ordinal);
        await page.Page.Locator("[value='1Min']").CheckAsync();
        Assert.EndsWith("#B", page.Page.Url, StringComparison.Ordinal);
    }

    [RequiresFact(Need.Chromium)]
    public async Task Trade_between_the_reads_of_bars_and_of_trades_is_in_the_bar()
    {
        var traded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.BarsBegin = traded.Task; // the stream begins behind the trade, and does not bring it
        _api.Reading = async (read, isDone) =>
        {
            if (read.Contains("timeframe=4Hour", StringComparison.Ordinal))
            {
                if (isDone && !traded.Task.IsCompleted)
                {
                    _market.Trade("A", "111");
                    traded.SetResult();
                }
            }
            else if (!read.Contains("tickers", StringComparison.Ordinal))
            {
                await traded.Task; // the other reads have it
            }
        };

        await using var page = await OpenAsync("#A?timeframe=4Hour");

        await Expect(page.Id("legend").Locator("[data-name=C]")).ToHaveTextAsync("111");
    }

    private static Task OrderIsAsync(OpenPage page, string symbols) =>
        Expect(page.Page.Locator("#rows .name")).ToHaveTextAsync(symbols.Select(symbol => symbol.ToString()));

    private Task<OpenPage> OpenAsync(string at = "", int width = 2400) => OpenPage.AtAsync(
        chromium.Browser, new Uri(_api.Address, at), new() { ViewportSize = new() { Width = width, Height = 900 } }, mayMissTheApi: true);
}
