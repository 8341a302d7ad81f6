using Microsoft.Playwright;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Page;

/// <summary>The browser that this machine has; Playwright's own download is not used. One for all tests of a class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Names the program where it is not on the path.</summary>
    internal const string PathVariable = "RADAR_CHROMIUM";

    private static readonly string[] Programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    private IPlaywright? _playwright;

    internal IBrowser Browser { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (Find() is not { } program)
            return; // the tests are skipped
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = program, Timeout = (float)Wait.Limit.TotalMilliseconds });
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
    }

    internal static string? Find() => Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named
        ? named
        : Programs.Select(ProgramPath.Find).FirstOrDefault(found => found is not null);
}
