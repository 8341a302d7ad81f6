using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Api;
using Radar.Consumer;
using Radar.Market.Store;
using Radar.Producer;
using Radar.Tests.Fixtures;

namespace Radar.Tests.ServiceDefaults;

/// <summary>Services whose Kafka and Redis are away say so in lines for people: the address, no secret, no stack trace.</summary>
public sealed class AwayLogTests
{
    private const string Secret = "hunter2";

    [Theory]
    [InlineData("127.0.0.1:1,password=" + Secret)]
    [InlineData("redis://radar:" + Secret + "@127.0.0.1:1/3")]
    public Task Api_names_what_is_away(string connection) =>
        SaysAsync(ApiService.Build, redis: "127.0.0.1:1", kafka: null, "--ConnectionStrings:redis=" + connection);

    [Fact]
    public Task Consumer_names_what_is_away() => SaysAsync(ConsumerService.Build, redis: null, kafka: "127.0.0.1:2");

    [Fact]
    public Task Producer_names_what_is_away() =>
        SaysAsync(ProducerService.Build, redis: null, kafka: "127.0.0.1:2", "--Producer:Source=synthetic");

    private static async Task SaysAsync(Func<string[], WebApplication> build, string? redis, string? kafka, params string[] more)
    {
        using var lines = new LogLines();
        await using var host = build(
        [
            "--urls=http://127.0.0.1:0", $"--ConnectionStrings:redis=127.0.0.1:1,password={Secret}",
            "--ConnectionStrings:kafka=127.0.0.1:2",
            "--Logging:Console:LogLevel:Default=None", $"--Kafka:Client:sasl.password={Secret}", .. more,
        ]);
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await host.StartAsync();
        string[] Warnings() => [.. lines.Text.Split('\n').Where(
            line => !line.StartsWith("Debug", StringComparison.Ordinal) && !line.StartsWith("Trace", StringComparison.Ordinal))];

        foreach (var (name, address) in new[] { ("Redis", redis), ("Kafka", kafka) })
        {
            if (address is not null)
                await Wait.UntilAsync(() => Task.FromResult(Warnings().Any(
                    line => line.Contains($"{name} at {address} does not", StringComparison.Ordinal))), $"{name} is named: {lines.Text}");
        }

        using var http = new HttpClient { BaseAddress = new Uri(host.Urls.Single()) };
        using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
        string health = await answer.Content.ReadAsStringAsync();
        if (redis is not null)
            Assert.Contains(
                "Redis at 127.0.0.1:1 does not answer", (string?)JsonNode.Parse(health)!["description"], StringComparison.Ordinal);
        await host.StopAsync();

        Assert.DoesNotContain(Secret, lines.Text + health, StringComparison.Ordinal);
        Assert.All(Warnings(), line => Assert.False(
            line.Contains("   at ", StringComparison.Ordinal) || line.Contains("Exception:", StringComparison.Ordinal), line));
    }
}
