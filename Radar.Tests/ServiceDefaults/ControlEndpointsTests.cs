using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;
using Radar.Tests.Fixtures;

namespace Radar.Tests.ServiceDefaults;

public sealed class ControlEndpointsTests : IAsyncDisposable
{
    private readonly List<WebApplication> _hosts = [];
    private int _handled;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_key_in_the_configuration_there_is_no_endpoint()
    {
        using var client = await StartAsync();

        using var response = await client.PostAsync(new Uri("/control/act", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(0, _handled);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdeX")]
    [InlineData(ControlCalls.Key + ControlCalls.Key)]
    public async Task Request_without_the_right_key_is_refused_and_nothing_is_done(string? key)
    {
        using var client = await StartAsync(ControlCalls.Setting);
        client.DefaultRequestHeaders.Remove(ControlCalls.Header);
        if (key is not null)
            client.DefaultRequestHeaders.Add(ControlCalls.Header, key);

        var (status, problem) = await ControlCalls.PostAsync(client, "/control/act", new { name = "a" });

        Assert.Equal(401, status);
        Assert.Contains(ControlCalls.Header, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(ControlCalls.Key, problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(0, _handled);
    }

    [Fact]
    public async Task Request_with_the_key_is_carried_out()
    {
        using var client = await StartAsync(ControlCalls.Setting);

        var (status, result) = await ControlCalls.PostAsync(client, "/control/act", new { name = "a" });

        Assert.Equal(200, status);
        Assert.Equal("""{"ok":true,"message":"done a","markdown":"**a**"}""", result.ToJsonString());
    }

    [Theory]
    [InlineData("""{"name":"a","nmae":"b"}""", "nmae")]
    [InlineData("""{"name":""", "JSON object")]
    [InlineData("", "JSON object")]
    [InlineData("null", "null")]
    public async Task Body_that_is_not_what_is_expected_is_named(string body, string named)
    {
        using var client = await StartAsync(ControlCalls.Setting);
        using var content = new StringContent(body);

        var (status, problem) = await ControlCalls.PostAsync(client, "/control/act", content);

        Assert.Equal(400, status);
        Assert.Contains(named, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(".NET", (string)problem["detail"]!, StringComparison.Ordinal); // the parser's own words
    }

    [Fact]
    public async Task What_cannot_be_carried_out_is_a_problem_with_its_reason()
    {
        using var client = await StartAsync(ControlCalls.Setting);

        var (status, problem) = await ControlCalls.PostAsync(client, "/control/act", new { name = "no" });

        Assert.Equal(409, status);
        Assert.Equal("Not now.", (string?)problem["detail"]);
    }

    [Fact]
    public async Task Key_that_is_too_short_stops_the_start_and_is_not_shown()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("--Control:Key=tooshort"));

        Assert.Contains("Control:Key needs at least 32 characters", Assert.Single(error.Failures), StringComparison.Ordinal);
        Assert.DoesNotContain("tooshort", error.Message, StringComparison.Ordinal);
    }

    private async Task<HttpClient> StartAsync(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder([.. settings]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddControl();
        var host = builder.Build();
        _hosts.Add(host);
        host.MapControl(control => control.Post("/act", async (context, cancellation) =>
        {
            string name = (await ControlGroup.ReadAsync<Request>(context, cancellation)).Name;
            _handled++;
            return name == "no" ? throw new ControlException(409, "Not now.") : new ControlResult(true, $"done {name}", $"**{name}**");
        }));
        await ServiceRunner.StartAsync(host, CancellationToken.None);
        return ControlCalls.Client(host);
    }

    private sealed record Request(string Name);
}
