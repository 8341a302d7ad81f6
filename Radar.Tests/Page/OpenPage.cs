using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>A page in a browser. At the end it must have asked nobody but its own API and complained about nothing.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private const float PatienceMs = 60_000;

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _elsewhere = new();

    static OpenPage() => SetDefaultExpectTimeout(PatienceMs);

    private OpenPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>Opens a page.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="address">Of the page.</param>
    /// <param name="options">Width, colours and such.</param>
    /// <param name="before">What to do before the page is asked for.</param>
    /// <param name="mayMissTheApi">True where the API will refuse or be away: the browser itself then complains about what it cannot
    /// load.</param>
    public static async Task<OpenPage> AtAsync(
        IBrowser browser, Uri address, BrowserNewContextOptions? options = null, Func<IPage, Task>? before = null,
        bool mayMissTheApi = false)
    {
        var context = await browser.NewContextAsync(options ?? new());
        context.SetDefaultTimeout(PatienceMs);
        var page = await context.NewPageAsync();
        var open = new OpenPage(context, page);
        page.Console += (_, message) => open.Hear(message, mayMissTheApi);
        page.PageError += (_, error) => open._complaints.Enqueue(error);
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != address.Authority)
                open._elsewhere.Enqueue(request.Url);
        };
        if (before is not null)
            await before(page);
        await page.GotoAsync(address.ToString());
        return open;
    }

    public ILocator Row(string symbol) => Page.Locator($"tr[data-symbol='{symbol}']");

    public ILocator Price(string symbol) => Row(symbol).Locator(".price");

    public ILocator Id(string id) => Page.Locator("#" + id);

    /// <summary>The page says of itself that it is <c>live</c>, <c>stale</c> or <c>lost</c>.</summary>
    public Task IsAsync(string state) => Expect(Page.Locator("html")).ToHaveAttributeAsync("data-state", state);

    /// <summary>What has the focus: its id, or the symbol of its row.</summary>
    public Task<string> FocusAsync() => Page.EvaluateAsync<string>(
        "() => document.activeElement.id || document.activeElement.closest('tr')?.dataset.symbol || document.activeElement.tagName");

    public async Task FocusIsAsync(string expected) => await Page.WaitForFunctionAsync(
        "expected => (document.activeElement.id || document.activeElement.closest('tr')?.dataset.symbol) === expected", expected);

    public Task<bool> ScrollsSidewaysAsync() =>
        Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth");

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        string complaints = string.Join('\n', _elsewhere.Select(url => "asked " + url).Concat(_complaints));
        Assert.True(complaints.Length == 0, complaints); // whole: an assertion on the list shows its beginning
    }

    private void Hear(IConsoleMessage message, bool mayMissTheApi)
    {
        bool missed = mayMissTheApi && message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal);
        if (message.Type is "error" or "warning" && !missed)
            _complaints.Enqueue($"{message.Text} ({message.Location})");
    }
}
