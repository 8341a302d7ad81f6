using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.ServiceDefaults;
using Radar.Tests.Connections;

namespace Radar.Tests.Api.Http.Access;

/// <summary>Where the API listens without saying who may ask.</summary>
public sealed class ListenGuardTests
{
    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    public async Task Start_beyond_this_machine_is_refused_with_the_ways_out(string url)
    {
        await using var api = Build("--urls", url);

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => api.StartAsync());

        Assert.Contains("beyond this machine", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set Auth:Mode to keys or jwt, to none", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Kestrel:Endpoints:Plain:Url=http://0.0.0.0:0")]
    [InlineData("--Kestrel:Endpoints:Https:Url=https://*:0")]
    [InlineData("--http_ports=0")]
    [InlineData("--https_ports=0")]
    public async Task Start_beyond_this_machine_is_refused_however_the_address_is_given(string setting)
    {
        using var authority = new TestAuthority();
        var certificate = authority.Issue();
        await using var api = Build(
            setting, $"--Kestrel:Certificates:Default:Path={certificate.File}",
            $"--Kestrel:Certificates:Default:KeyPath={certificate.KeyFile}");

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => api.StartAsync());

        Assert.Contains("beyond this machine", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://[::1]:0")]
    public async Task On_this_machine_nobody_is_asked(string url)
    {
        await using var api = Build("--urls", url);
        await api.StartAsync();
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(api.Urls.Single() + "/alive"));

        Assert.True(answer.IsSuccessStatusCode);
        await api.StopAsync();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("keys")]
    public async Task With_a_mode_it_may_listen_anywhere(string mode)
    {
        await using var api = Build("--urls", "http://0.0.0.0:0", "--Auth:Mode", mode);
        await api.StartAsync();
        await api.StopAsync();
    }

    [Theory]
    [InlineData("key", null, "Auth:Mode is none, keys, jwt or keys,jwt, and not 'key'")]
    [InlineData("jwt", null, "Auth:Issuer is missing")]
    [InlineData("jwt", "http://login.example.com", "Auth:Issuer is no https:// URL")]
    [InlineData("keys,jwt", "https://login.example.com", "Auth:Audience is missing")]
    public async Task Wrong_settings_are_named(string mode, string? issuer, string reason)
    {
        await using var api = Build(
            ["--urls", "http://127.0.0.1:0", "--Auth:Mode", mode, .. issuer is null ? (string[])[] : ["--Auth:Issuer", issuer]]);

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceRunner.StartAsync(api, CancellationToken.None));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(params string[] args) => ApiService.Build(
    [
        "--ConnectionStrings:redis", "127.0.0.1:1,connectTimeout=200", "--ConnectionStrings:kafka", "127.0.0.1:1",
        "--Logging:LogLevel:Default", "None", .. args,
    ]);
}
