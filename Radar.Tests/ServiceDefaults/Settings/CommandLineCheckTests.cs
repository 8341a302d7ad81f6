using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.Consumer;
using Radar.Producer;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults.Settings;

/// <summary>The command line of each service: what .NET's configuration would ignore stops the start.</summary>
public sealed class CommandLineCheckTests
{
    private static readonly string[] Addresses = ["--ConnectionStrings:kafka=127.0.0.1:1", "--ConnectionStrings:redis=127.0.0.1:1"];

    [Theory]
    [InlineData("producer", "--sorce none", "--sorce: there is no such setting. Did you mean --Producer:Source?")]
    [InlineData("producer", "--Producr:Source none", "--Producr:Source: there is no section Producr. Did you mean Producer?")]
    [InlineData("producer", "--Producer:Sourec=none", "Producer: there is no setting 'Sourec'. Did you mean Producer:Source?")]
    [InlineData("producer", "--Producer:Source nonee",
        "Producer:Source: there is no source 'nonee'. One of: none, synthetic, replay, binance, coinbase, kraken, bybit, okx, "
            + "coinbase-advanced, hyperliquid, kafka. Did you mean none?")]
    [InlineData("producer", "--Producer:Source=none --Producer:Replay:Preset=databnto", "Did you mean databento?")]
    [InlineData("producer", "--Producer:Source", "--Producer:Source needs a value")]
    [InlineData("producer", "none", "The command line has text that belongs to no setting")]
    [InlineData("consumer", "--Consumer:CommitIntervalMS=50 --Projection:TradesRetaned 5", "Did you mean Projection:TradesRetained?")]
    [InlineData("consumer", "--url http://127.0.0.1:0", "--url: there is no such setting. Did you mean --urls?")]
    [InlineData("api", "/Kafak:Topic=a", "--Kafak:Topic: there is no section Kafak. Did you mean Kafka?")]
    [InlineData("api", "Topic=a", "--Topic: there is no such setting. Did you mean --Kafka:Topic?")]
    public async Task Misspelt_argument_stops_the_start_with_a_suggestion(string service, string arguments, string expected)
    {
        await using var host = Build(service, arguments.Split(' '));

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceRunner.StartAsync(host, CancellationToken.None));

        Assert.Contains(expected, Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls=http://127.0.0.1:0 --environment Development --OTEL_SERVICE_NAME=a")]
    [InlineData("--Consumer:CommitIntervalMs=50 --Logging:LogLevel:Default None --Serilog:Any=thing")] // others' sections are their matter
    [InlineData("/Kafka:Topic a Radar:Name=b --Kafka:Client:client.id=c --Telemetry:ProcessWide=false")]
    public async Task Argument_that_somebody_reads_is_none_of_its_faults(string arguments)
    {
        await using var host = Build("api", arguments.Split(' '));

        host.Services.GetRequiredService<IStartupValidator>().Validate();
    }

    [Fact]
    public async Task All_faults_are_reported_and_no_value_is_repeated()
    {
        string[] arguments = ["--sorce=pa55word", "stray pa55word", "--Producer:Sped=pa55word", "--Producer:Source=none"];
        await using var host = Build("producer", arguments);

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceRunner.StartAsync(host, CancellationToken.None));

        Assert.Equal(3, fault.Failures.Count());
        Assert.DoesNotContain("pa55word", fault.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(string service, string[] arguments)
    {
        string[] all = [.. Addresses, .. arguments];
        return service switch
        {
            "producer" => ProducerService.Build(all),
            "consumer" => ConsumerService.Build(all),
            _ => ApiService.Build(all),
        };
    }
}
