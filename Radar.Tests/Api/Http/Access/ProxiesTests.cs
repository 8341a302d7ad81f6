using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.Access;

/// <summary>What an API behind proxies believes of a caller's address, and which names it answers to.</summary>
public sealed class ProxiesTests
{
    private const string Client = "203.0.113.7";

    [Theory]
    [InlineData(null, false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", false)]
    public async Task Forwarded_address_and_scheme_count_from_named_proxies_only(string? proxy, bool counts)
    {
        await using var api = await StartAsync(proxy is null ? [] : [$"--Api:Proxies:0={proxy}"]);

        string seen = await SeenAsync(api, Client);

        Assert.Equal(counts ? $"{Client} https" : "127.0.0.1 http", seen);
    }

    [Fact]
    public async Task Address_that_the_client_forged_before_the_first_proxy_does_not_count()
    {
        await using var api = await StartAsync(["--Api:Proxies:0=127.0.0.1", "--Api:Proxies:1=10.1.2.3"]);

        Assert.Equal($"{Client} https", await SeenAsync(api, $"1.1.1.1, {Client}, 10.1.2.3"));
    }

    [Fact]
    public async Task Trust_in_every_sender_is_refused_and_logged_with_what_to_set()
    {
        using var lines = new LogLines();
        string root = Directory.CreateTempSubdirectory("radar-").FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "appsettings.json"), """{"ForwardedHeaders_Enabled":true}""");
        await using var api = await StartAsync([$"--contentRoot={root}"], lines);

        Assert.Equal("127.0.0.1 http", await SeenAsync(api, Client));
        Assert.Contains("Api__Proxies__0=10.0.0.0/8", lines.Text, StringComparison.Ordinal);
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task Proxy_that_is_no_address_stops_the_start()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(["--Api:Proxies:0=nginx"]));
        Assert.Contains("Api:Proxies: 'nginx' is neither an IP address nor a network", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", null, HttpStatusCode.OK)]
    [InlineData("127.0.0.1:8000", null, HttpStatusCode.OK)]
    [InlineData("[::1]:8000", null, HttpStatusCode.OK)]
    [InlineData("api.dev.localhost", null, HttpStatusCode.OK)]
    [InlineData("attacker.example", null, HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1.attacker.example", null, HttpStatusCode.Forbidden)]
    [InlineData("radar.example", "--AllowedHosts=radar.example", HttpStatusCode.OK)]
    [InlineData("attacker.example", "--AllowedHosts=radar.example", HttpStatusCode.BadRequest)]
    [InlineData("radar.example", "--Auth:Mode=none", HttpStatusCode.OK)]
    public async Task Api_for_its_own_machine_answers_to_no_other_name(string host, string? setting, HttpStatusCode status)
    {
        await using var api = await StartAsync(setting is null ? [] : [setting]);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Urls.Single() + "/session");
        request.Headers.Host = host;

        using var answer = await http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.Forbidden)
            Assert.Contains("Set AllowedHosts", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("radar.example", "/alive", HttpStatusCode.OK)]
    [InlineData("10.1.2.3:8080", "/alive", HttpStatusCode.OK)] // as a kubelet asks
    [InlineData("127.0.0.1:8080", "/ready", HttpStatusCode.ServiceUnavailable)] // as the image's health check does; here is no Redis
    [InlineData("10.1.2.3:8080", "/health", HttpStatusCode.BadRequest)]
    [InlineData("attacker.example", "/openapi/v1.json", HttpStatusCode.BadRequest)]
    public async Task Api_with_a_name_answers_to_no_other_but_to_probes(string host, string path, HttpStatusCode status)
    {
        await using var api = await StartAsync(["--Auth:Mode=keys", "--AllowedHosts=radar.example; *.radar.example"]);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Urls.Single() + path);
        request.Headers.Host = host;

        using var answer = await http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        if (status == HttpStatusCode.BadRequest)
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    private static async Task<string> SeenAsync(WebApplication api, string forwardedFor)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, api.Urls.Single() + "/seen");
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        request.Headers.Add("X-Forwarded-Proto", string.Join(", ", forwardedFor.Split(',').Select(_ => "https")));
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<WebApplication> StartAsync(string[] settings, LogLines? lines = null)
    {
        var api = ApiService.Build(
        [
            "--urls", "http://127.0.0.1:0", "--ConnectionStrings:redis", "127.0.0.1:1,connectTimeout=200", "--ConnectionStrings:kafka",
            "127.0.0.1:1", "--Logging:Console:LogLevel:Default=None", .. settings,
        ]);
        if (lines is not null)
            api.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        api.MapGet("/seen", static (HttpContext context) => $"{context.Connection.RemoteIpAddress} {context.Request.Scheme}");
        return await api.StartedAsync();
    }
}
