using System.Net;
using System.Text.RegularExpressions;
using Radar.Api.Http.Page;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Page;

/// <summary>What is served at <c>/</c>.</summary>
public sealed partial class PageFilesTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private FakeApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await FakeApi.StartAsync(new FakeMarket());
        _http.BaseAddress = _api.Address;
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Every_file_that_the_page_names_is_there_and_may_load_nothing_from_elsewhere()
    {
        var seen = new HashSet<string>();
        var left = new Queue<string>(["/"]);
        while (left.TryDequeue(out string? path))
        {
            if (!seen.Add(path) || path == "/docs")
                continue;
            using var response = await _http.GetAsync(path);
            Assert.True(response.StatusCode == HttpStatusCode.OK, path);
            Assert.StartsWith("default-src 'self';", response.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.True(response.Headers.CacheControl!.NoCache);
            if (path.Contains("lightweight", StringComparison.Ordinal))
                continue;
            foreach (Match named in NamedFile().Matches(await response.Content.ReadAsStringAsync()))
                left.Enqueue((named.Groups[1].Success ? named.Groups[1] : named.Groups[2])
                    .Value.Replace("./", "/page/", StringComparison.Ordinal));
        }

        Assert.Contains("/docs", seen);
        Assert.Equal(PageFile.All().Select(file => file.Path).Append("/docs").Order(), seen.Order());
    }

    [Fact]
    public async Task File_that_the_browser_has_is_not_sent_again()
    {
        using var first = await _http.GetAsync("/");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };

        using var again = await _http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.NotEqual(first.Headers.ETag, (await _http.GetAsync("/page/app.js")).Headers.ETag);
    }

    [Fact]
    public async Task Head_is_answered_without_the_file()
    {
        using var response = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));

        Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [RequiresFact(Need.ChartLibrary)]
    public void Chart_library_comes_with_its_licence()
    {
        var files = ChartLibrary.Files().ToDictionary(file => file.Path, file => System.Text.Encoding.UTF8.GetString(file.Content));

        Assert.Contains("createChart", files["/page/lightweight-charts.mjs"], StringComparison.Ordinal);
        Assert.Contains("Apache License", files["/page/lightweight-charts.LICENSE.txt"], StringComparison.Ordinal);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"#:]+)\"|from '([^']+)'")]
    private static partial Regex NamedFile();
}
