using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.ServiceDefaults.Operations;

public sealed class HealthCommandTests
{
    [Theory]
    [InlineData(HttpStatusCode.OK, 0)]
    [InlineData(HttpStatusCode.ServiceUnavailable, HealthCommand.NotWell)]
    public async Task Exit_code_is_that_of_the_answer_which_is_written_in_one_line(HttpStatusCode status, int code)
    {
        await using var service = await StartAsync("/ready", status);

        var (exit, output, errors) = await AskAsync("--urls=" + service.Urls.Single());

        Assert.Equal(code, exit);
        string line = code == 0 ? output : errors;
        Assert.Equal($"{service.Urls.Single()}/ready: {(int)status} first line\\u000asecond line\n", line);
        Assert.Empty(code == 0 ? errors : output);
    }

    [Fact]
    public async Task Path_that_is_given_is_asked_instead()
    {
        await using var service = await StartAsync("/alive", HttpStatusCode.OK);

        Assert.Equal(0, (await AskAsync("/alive", "--urls=" + service.Urls.Single())).Exit);
        Assert.Equal(HealthCommand.NotWell, (await AskAsync("--urls=" + service.Urls.Single())).Exit); // 404
    }

    [Fact]
    public async Task Service_that_does_not_listen_is_not_well()
    {
        var (exit, _, errors) = await AskAsync($"--urls=http://127.0.0.1:{LoopbackPort.Free()}");

        Assert.Equal(HealthCommand.NotWell, exit);
        Assert.Contains("refused", errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Without_an_address_it_says_how_to_give_one()
    {
        var (exit, _, errors) = await AskAsync("--urls=https://127.0.0.1:8443");

        Assert.Equal(ServiceRunner.ConfigurationError, exit);
        Assert.Contains("--urls=http://", errors, StringComparison.Ordinal);
    }

    /// <summary>What the images, compose files and manifests may set, and where the service is then asked.</summary>
    [Theory]
    [InlineData("http://127.0.0.1:8080/", "http_ports=8080")]
    [InlineData("http://127.0.0.1:5000/", "http_ports=8080", "urls=http://+:5000")]
    [InlineData("http://127.0.0.1:5000/", "urls=https://*:5001;http://[::]:5000")]
    [InlineData("http://10.0.0.7:5000/", "urls=http://10.0.0.7:5000")]
    [InlineData("http://127.0.0.1:6000/", "urls=http://*:5000", "Kestrel:Endpoints:Http:Url=http://0.0.0.0:6000")]
    [InlineData(null, "urls=http://127.0.0.1:0")]
    [InlineData(null, "urls=nonsense")]
    [InlineData(null)]
    public void Address_is_the_one_at_which_the_service_listens(string? address, params string[] settings)
    {
        var pairs = settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]));

        Assert.Equal(address, HealthCommand.Address(new ConfigurationBuilder().AddInMemoryCollection(pairs).Build())?.ToString());
    }

    private static async Task<(int Exit, string Output, string Errors)> AskAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        int exit = await HealthCommand.RunAsync(arguments, output, errors);
        return (exit, output.ToString(), errors.ToString());
    }

    private static async Task<WebApplication> StartAsync(string path, HttpStatusCode status)
    {
        var app = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]).Build();
        app.MapGet(path, () => Results.Text("first line\nsecond line", statusCode: (int)status));
        await app.StartAsync();
        return app;
    }
}
