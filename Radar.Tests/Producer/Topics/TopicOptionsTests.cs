using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Producer;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

/// <summary>Wrong settings of the source <c>kafka</c> stop the start, all of them named at once.</summary>
public sealed class TopicOptionsTests
{
    [Theory]
    [InlineData("Producer:Topic:Name=", "Producer:Topic:Name is missing")]
    [InlineData("Producer:Topic:Name=a b", "Name")]
    [InlineData("Producer:Topic:Name=market-ticks", "market-ticks is the topic that is written")]
    [InlineData("Producer:Topic:Name=market-ticks.dlq", "market-ticks.dlq is where dead letters go")]
    [InlineData("Producer:Topic:Price=price", "Producer:Topic:Price: 'price' is no path: write /member")]
    [InlineData("Producer:Topic:Price=", "Producer:Topic:Price is empty")]
    [InlineData("Producer:Topic:Price=timestamp", "Producer:Topic:Price: timestamp is the record's time")]
    [InlineData("Producer:Topic:Price=/a~2", "'~' is written ~0")]
    [InlineData("Producer:Topic:Symbol=constant:no good", "the constant 'no good' cannot be used (bad_symbol)")]
    [InlineData("Producer:Topic:Symbol=header:", "'header:' is no path")]
    [InlineData("Producer:Topic:Symbol=key:pair", "a JSON pointer begins with '/'")]
    [InlineData("Producer:Topic:Items=data", "Producer:Topic:Items: 'data'")]
    [InlineData("Producer:Topic:Sides=B:buy", "'B:buy' is not a word of the source")]
    [InlineData("Producer:Topic:Sides=B=buy,b=sell", "'b' is there twice")]
    [InlineData("Producer:Topic:TimeUnit=fortnights", "One of: auto, iso8601, s, ms, us, ns, ticks, filetime.")]
    [InlineData("Producer:Topic:Start=middle", "One of: earliest, latest.")]
    [InlineData("Producer:Topic:BatchRecordsMax=0", "BatchRecordsMax")]
    [InlineData("Producer:Topic:BatchMs=10001", "BatchMs")]
    [InlineData("Producer:Topic:TransactionTimeoutMs=999", "TransactionTimeoutMs")]
    [InlineData("Producer:Topic:TransactionTimeoutMs=1000;Producer:Topic:BatchMs=1000",
        "Producer:Topic:BatchMs (1000) must be less than TransactionTimeoutMs (1000)")]
    [InlineData("Producer:Topic:TransactionTimeoutMs=1000;Producer:LingerMs=1001",
        "Producer:LingerMs (1001) must not be more than Producer:Topic:TransactionTimeoutMs (1000)")]
    [InlineData("Producer:Topic:Instance=a b", "Instance")]
    [InlineData("Producer:Topic:BootstrapServers=other:9092", "there is no setting 'BootstrapServers'")]
    public async Task Wrong_value_stops_the_start_and_is_named(string setting, string named) =>
        Assert.Contains(await FaultsAsync(["Producer:Topic:Name=orders", .. setting.Split(';')]), fault =>
            fault.Contains(named, StringComparison.Ordinal));

    [Fact]
    public async Task Every_fault_is_listed()
    {
        var faults = await FaultsAsync(
            "Producer:Topic:Price=px", "Producer:Topic:Size=qty", "Producer:Topic:Sides=?", "Producer:Topic:BatchMs=0",
            "Producer:Topic:Name=");

        foreach (string setting in new[] { "Price", "Size", "Sides", "BatchMs", "Name" })
            Assert.Contains(faults, fault => fault.Contains(setting, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Faults_of_other_sections_are_listed_too()
    {
        await using var host = Build("Producer:Topic:Name=orders", "Producer:Topic:Price=px", "Kafka:Partitions=0");

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => Radar.ServiceDefaults.ServiceRunner.StartAsync(host, CancellationToken.None));

        Assert.Contains(error.Failures, fault => fault.Contains("Producer:Topic:Price", StringComparison.Ordinal));
        Assert.Contains(error.Failures, fault => fault.Contains("Partitions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unreachable_kafka_is_waited_for_and_a_stop_ends_the_waiting()
    {
        await using var host = Build("Producer:Topic:Name=orders");
        using var lines = new LogLines();
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);

        await host.StartAsync();
        await Wait.UntilAsync(
            () => lines.Text.Contains("waiting for it and topic orders. Check --ConnectionStrings:kafka.", StringComparison.Ordinal),
            "the line");
        Assert.Equal("waiting for topic orders", TopicRun.UnhealthyReason(host));
        await host.StopAsync();

        Assert.Contains("Topic orders: 0 records read", lines.Text, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> FaultsAsync(params string[] settings)
    {
        await using var host = Build(settings);
        return (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Failures;
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build(params string[] settings) => ProducerService.Build(
    [
        "--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", "--Producer:Source=kafka",
        .. settings.Select(setting => "--" + setting),
    ]);
}
