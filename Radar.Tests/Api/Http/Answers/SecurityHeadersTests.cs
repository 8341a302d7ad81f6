using Radar.Api.Access;
using Radar.Tests.Api.Http.Access;

namespace Radar.Tests.Api.Http.Answers;

/// <summary>What every answer says to browsers.</summary>
public sealed class SecurityHeadersTests
{
    [Fact]
    public async Task All_answers_have_them_errors_too()
    {
        await using var world = await AccessWorld.StartAsync();
        var client = await world.WithKeyAsync([Scopes.Read]);
        foreach (string path in (string[])
            ["/", "/page/app.js", "/docs/index.html", "/openapi/v1.json", "/health", "/alive", "/api/v2/symbols", "/api/v2/tickers/NOBODY",
                "/api/v2/tickers?limit=x", "/admin/keys", "/nowhere"])
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.False(answer.Headers.Contains("Server"));
            Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("version", StringComparison.OrdinalIgnoreCase));
            if (path.StartsWith("/api", StringComparison.Ordinal))
                continue;
            string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        }
    }
}
