#!/usr/bin/env dotnet
// Takes docs/page.png and docs/trace.png from a running Radar: `dotnet radar.cs up`, then in a second terminal
// `dotnet docs/screenshots.cs <the dashboard's login link>`. It needs Chromium or Chrome, on the path or named by RADAR_CHROMIUM.
#:property PublishAot=false
#:package Microsoft.Playwright

using System.Text.Json;
using Microsoft.Playwright;

const string Api = "http://localhost:8000";
const string Symbol = "BTCUSDT";
var limit = TimeSpan.FromMinutes(1);
string folder = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
if (args is not [var link] || !Uri.TryCreate(link, UriKind.Absolute, out var login))
{
    Console.Error.WriteLine(
        "Usage: dotnet docs/screenshots.cs http://localhost:15888/login?t=…, the link that `dotnet radar.cs up` prints.");
    return 2;
}

string[] browsers = ["chromium", "google-chrome"];
string? browser = Environment.GetEnvironmentVariable("RADAR_CHROMIUM")
    ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(directory => browsers.Select(name => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);
if (browser is null)
{
    Console.Error.WriteLine("No Chromium: put chromium or google-chrome on the path, or set RADAR_CHROMIUM to its program.");
    return 2;
}

using var playwright = await Playwright.CreateAsync();
await using var chromium = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = browser, Args = ["--no-sandbox"] });
var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });

// The page stays open: it is the client to which the trace is pushed.
var page = await context.NewPageAsync();
await page.GotoAsync($"{Api}/#{Symbol}");
await page.WaitForTimeoutAsync(20_000); // so that candles and lines have something to show
await page.ScreenshotAsync(new() { Path = Path.Combine(folder, "page.png") });

var dashboard = await context.NewPageAsync();
await dashboard.GotoAsync(login.AbsoluteUri);
await dashboard.WaitForURLAsync(url => !url.Contains("login", StringComparison.Ordinal));
await dashboard.GotoAsync($"{login.GetLeftPart(UriPartial.Authority)}/traces/detail/{await TraceAsync()}");
await dashboard.WaitForTimeoutAsync(10_000); // the trace is loaded piece by piece
await dashboard.ScreenshotAsync(new() { Path = Path.Combine(folder, "trace.png") });
return 0;

// The newest event of the symbol that was traced, some seconds old, so that all three services have exported their spans.
async Task<string> TraceAsync()
{
    using var client = new HttpClient();
    using var ended = new CancellationTokenSource(limit);
    while (true)
    {
        using var answer = JsonDocument.Parse(await client.GetStringAsync(new Uri($"{Api}/api/v2/tickers/{Symbol}"), ended.Token));
        if (answer.RootElement.GetProperty("meta").TryGetProperty("trace", out var trace) && trace.GetString() is { } id)
        {
            await Task.Delay(TimeSpan.FromSeconds(8), ended.Token);
            return id;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(20), ended.Token);
    }
}
