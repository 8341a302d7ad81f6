using System.Net;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Api.Http.Answers;

/// <summary>Which pages of other origins may read the API.</summary>
public sealed class CorsTests : IDisposable
{
    private const string Charts = "https://charts.example.com";
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();

    public void Dispose() => _redis.Dispose();

    [Fact]
    public async Task No_other_origin_may_read_unless_it_is_named()
    {
        await using var world = await StartAsync();

        using var answer = await AskAsync(world, HttpMethod.Get, Charts);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Named_origins_may_read_versions_and_errors_and_no_others_may()
    {
        await using var world = await StartAsync("--Api:CorsOrigins:0", Charts, "--Api:CorsOrigins:1", "http://localhost:5173");

        using var answer = await AskAsync(world, HttpMethod.Get, Charts);
        Assert.Equal(Charts, Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("ETag", Assert.Single(answer.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
        Assert.Contains("Origin", answer.Headers.Vary);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        using var problem = await AskAsync(world, HttpMethod.Get, "http://localhost:5173", "/api/v2/movers?top=0");
        Assert.Equal(HttpStatusCode.BadRequest, problem.StatusCode);
        Assert.Equal("http://localhost:5173", Assert.Single(problem.Headers.GetValues("Access-Control-Allow-Origin")));
        using var preflight = await AskAsync(world, HttpMethod.Options, Charts);
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Contains("If-None-Match", Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Headers")),
            StringComparison.OrdinalIgnoreCase);
        using var other = await AskAsync(world, HttpMethod.Get, "https://charts.example.com.evil.example");
        Assert.False(other.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Every_origin_may_read_where_the_star_is_named()
    {
        await using var world = await StartAsync("--Api:CorsOrigins:0", "*");

        using var answer = await AskAsync(world, HttpMethod.Get, "https://anyone.example");

        Assert.Equal("*", Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("charts.example.com")]
    [InlineData("https://charts.example.com/")]
    [InlineData("https://Charts.example.com")]
    [InlineData("https://charts.example.com:443")]
    [InlineData("https://charts.example.com/page")]
    [InlineData("ftp://charts.example.com")]
    [InlineData("https://*.example.com")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Origin_that_no_browser_would_send_stops_the_start(string origin)
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync("--Api:CorsOrigins:0", origin, "--Api:CorsOrigins:1", "*"));

        Assert.Equal(2, fault.Failures.Count());
        Assert.Contains($"Api:CorsOrigins: '{origin}' is not an origin", fault.Failures.First(), StringComparison.Ordinal);
        Assert.Contains("stands alone", fault.Failures.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://[::1]:8080")]
    public void Origins_as_browsers_send_them_are_accepted(string origin)
    {
        var options = new ApiOptions { CorsOrigins = { origin } };

        Assert.True(new CorsOriginsValidator().Validate(null, options).Succeeded);
    }

    private Task<ApiWorld> StartAsync(params string[] more) => ApiWorld.StartAsync(_redis.Address, kafka: null, more: more);

    private static async Task<HttpResponseMessage> AskAsync(
        ApiWorld world, HttpMethod method, string origin, string path = "/api/v2/symbols")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", origin);
        if (method == HttpMethod.Options)
        {
            request.Headers.Add("Access-Control-Request-Method", "GET");
            request.Headers.Add("Access-Control-Request-Headers", "if-none-match");
        }

        return await world.Http.SendAsync(request);
    }
}
