using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Access;
using Radar.Tests.Api.Http.Access;
using Radar.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace Radar.Tests.Page;

/// <summary>The page of an API that asks who reads it.</summary>
public sealed class PageSignInTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private AccessWorld _world = null!;

    public async Task InitializeAsync() => _world = await AccessWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [RequiresFact(Need.Chromium)]
    public async Task Page_signs_in_with_a_key_says_what_it_may_not_see_and_signs_out()
    {
        var (key, secret) = await _world.NewKeyAsync([Scopes.Read, Scopes.Stream], "BTC*");
        await using var page = await OpenPage.AtAsync(chromium.Browser, _world.Api.Http.BaseAddress!, mayMissTheApi: true);
        await Expect(page.Id("sign-in")).ToBeVisibleAsync();
        await Expect(page.Id("state")).ToHaveTextAsync("Signed out");

        await page.Id("sign-in-key").FillAsync(KeySecret.OfId(key.Id).Reveal());
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Id("sign-in-note")).ToHaveTextAsync("The key is unknown, revoked or over.");
        await page.Id("sign-in-key").FillAsync(secret.Reveal());
        await page.Page.Keyboard.PressAsync("Enter");

        await Expect(page.Price("BTCUSDT")).ToHaveTextAsync("11");
        await Expect(page.Row("ETHUSDT")).ToHaveCountAsync(0);
        await Expect(page.Id("session-name")).ToHaveTextAsync("test");
        await Expect(page.Id("session-limits")).ToHaveTextAsync("sees BTC* only; without admin");
        await Expect(page.Id("dead-letters")).ToBeHiddenAsync();
        Assert.Equal("", await page.Page.EvaluateAsync<string>("() => document.cookie")); // no script reads it
        Assert.DoesNotContain(secret.Secret, await page.Page.ContentAsync(), StringComparison.Ordinal);

        await page.Page.EvaluateAsync("() => { location.hash = '#ETHUSDT'; }");
        await Expect(page.Id("detail-note")).ToHaveTextAsync("This key may not see ETHUSDT, but BTC*.");
        await page.Page.EvaluateAsync("() => { location.hash = ''; }");

        await page.Id("sign-out").ClickAsync();
        await Expect(page.Id("sign-in")).ToBeVisibleAsync();
        await Expect(page.Id("session")).ToBeHiddenAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Page_whose_key_is_revoked_asks_for_another()
    {
        var (key, secret) = await _world.NewKeyAsync([Scopes.Read, Scopes.Stream]);
        await using var page = await OpenPage.AtAsync(chromium.Browser, _world.Api.Http.BaseAddress!, mayMissTheApi: true);
        await page.Id("sign-in-key").FillAsync(secret.Reveal());
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Price("BTCUSDT")).ToHaveTextAsync("11");

        await _world.Keys.RevokeAsync(key.Id, "test");
        await _world.Api.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();

        await Expect(page.Id("sign-in")).ToBeVisibleAsync();
    }

    [RequiresFact(Need.Chromium)]
    public async Task Document_page_works_under_its_policy_and_has_the_button_to_authorize()
    {
        await using var page = await OpenPage.AtAsync(chromium.Browser, new Uri(_world.Api.Http.BaseAddress!, "/docs/index.html"));

        await Expect(page.Page.Locator(".authorize").First).ToBeVisibleAsync();
        await Expect(page.Page.Locator("#operations-v2-createStreamTicket")).ToBeVisibleAsync();
    }
}
