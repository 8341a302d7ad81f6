using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Radar.Producer;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer;

/// <summary>Wrong configuration stops the start with a sentence that names it.</summary>
public sealed class ProducerOptionsTests
{
    [Theory]
    [InlineData("Producer:Source=telepathy", "none, synthetic, replay, kafka")]
    [InlineData("Producer:Sauce=replay", "Sauce")]
    [InlineData("Producer:Source=replay", "Producer:Replay:Paths")]
    [InlineData("Producer:Replay:Speed=-1", "Speed")]
    [InlineData("Producer:Replay:Sped=1", "Sped")]
    [InlineData("Producer:Synthetic:Rate=fast", "Rate")]
    [InlineData("Producer:Synthetic:SymbolCount=100001", "SymbolCount")]
    [InlineData("Producer:Synthetic:Symbols:0=no good", "'no good'")]
    [InlineData("Producer:TraceRatio=2", "TraceRatio")]
    [InlineData("Producer:Compression=rar", "Compression")]
    [InlineData("Producer:SymbolFormat={venue}", "{symbol}")]
    [InlineData("Producer:SymbolFormat={symbol}!", "SymbolFormat")]
    public async Task Wrong_value_stops_the_start_and_is_named(string setting, string named)
    {
        await using var host = ProducerService.Build(["--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", "--" + setting]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(error.Failures, failure => failure.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Missing_path_stops_the_start_with_the_exit_code_of_wrong_configuration() =>
        Assert.Equal(
            ServiceRunner.ConfigurationError,
            await ServiceRunner.RunAsync(() => ProducerService.Build(
            [
                "--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", "--Producer:Source=replay",
                "--Producer:Replay:Paths:0=nowhere/at/all.csv",
            ])));

    [Fact]
    public async Task Unreachable_kafka_is_waited_for_and_a_stop_ends_the_waiting()
    {
        await using var host = ProducerService.Build(["--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0"]);

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal(0, ProducerHost.Metrics(host).Bytes);
    }
}
