using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer;

/// <summary>Wrong configuration stops the start with a sentence that names it.</summary>
public sealed class ProducerOptionsTests
{
    [Theory]
    [InlineData("Producer:Source=telepathy", "none, synthetic, replay, binance, coinbase, kraken, bybit, okx, coinbase-advanced, hyper")]
    [InlineData("Producer:Sauce=replay", "Sauce")]
    [InlineData("Producer:Source=replay", "Producer:Replay:Paths")]
    [InlineData("Producer:Replay:Speed=-1", "Speed")]
    [InlineData("Producer:Replay:Sped=1", "Sped")]
    [InlineData("Producer:Replay:TimeUnit=days", "auto, iso8601, s, ms, us, ns, ticks, filetime")]
    [InlineData("Producer:Synthetic:Rate=fast", "Rate")]
    [InlineData("Producer:Synthetic:SymbolCount=100001", "SymbolCount")]
    [InlineData("Producer:Synthetic:Symbols:0=no good", "'no good'")]
    [InlineData("Producer:TracesPerSymbolPerSecond=-1", "TracesPerSymbolPerSecond")]
    [InlineData("Producer:TracesPerSecondMax=-1", "TracesPerSecondMax")]
    [InlineData("Producer:Compression=rar", "Compression")]
    [InlineData("Producer:SymbolFormat={venue}", "{symbol}")]
    [InlineData("Producer:SymbolFormat={symbol}!", "SymbolFormat")]
    [InlineData("Producer:Source=binance", "Producer:Live:Symbols is empty")]
    [InlineData("Producer:Live:Symbol=btcusdt", "Symbol")]
    [InlineData("Producer:Live:OverlapMs=-1", "OverlapMs")]
    public async Task Wrong_value_stops_the_start_and_is_named(string setting, string named)
    {
        await using var host = ProducerService.Build(
            ["--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", "--" + setting]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(error.Failures, failure => failure.Contains(named, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kraken", "Symbols:0=b t c", "'b t c' is not a symbol")]
    [InlineData("kraken", "Symbols:1=BTC/USD", "'btc/usd' is there twice")]
    [InlineData("kraken", "Market=UsdFutures", "Kraken has no market 'UsdFutures'. One of: spot.")]
    [InlineData("binance", "Market=Margin", "spot, usdfutures")]
    [InlineData("binance", "BackoffMaxMs=10", "BackoffMaxMs is less than BackoffMs")]
    [InlineData("binance", "WebSocketUrl=ws://stream.binance.com:9443",
        "ws://stream.binance.com is not encrypted, which is allowed on this machine only; use wss://")]
    [InlineData("binance", "WebSocketUrl=ws://127.0.0.1.example.org", "is not encrypted")]
    [InlineData("binance", "WebSocketUrl=https://stream.binance.com", "wss://host/path")]
    [InlineData("binance", "WebSocketUrl=stream.binance.com", "wss://host/path")]
    [InlineData("binance", "WebSocketUrl=wss://user:secret@stream.binance.com", "without user, query and fragment")]
    [InlineData("binance", "RestUrl=http://api.binance.com", "http://api.binance.com is not encrypted")]
    public async Task Wrong_setting_of_a_live_source_stops_the_start_and_is_named(string source, string setting, string named)
    {
        await using var host = ProducerService.Build(
        [
            "--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", "--Producer:Source=" + source,
            "--Producer:Live:Symbols:0=btc/usd", "--Producer:Live:" + setting,
        ]);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        string failure = Assert.Single(error.Failures);
        Assert.Contains(named, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws://localhost:1", "http://localhost:1")]
    [InlineData("ws://[::1]:1/path", "http://127.0.0.5:1")]
    [InlineData("wss://example.org/path", "")]
    public void Address_that_is_encrypted_or_on_this_machine_is_allowed(string socket, string rest)
    {
        var options = new ProducerOptions { Source = "kraken" };
        options.Live.Symbols.Add("btc/usd");
        (options.Live.WebSocketUrl, options.Live.RestUrl) = (socket, rest);

        Assert.Empty(Radar.Producer.Live.LiveOptionsRules.Failures(options));
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

    [Theory]
    [InlineData(20_000)]
    [InlineData(600_000)]
    public async Task Stop_of_the_host_allows_for_the_last_acknowledgements(int flushMs)
    {
        await using var host = ProducerService.Build(
            ["--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0", $"--Producer:FlushMs={flushMs}"]);

        var stop = host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;

        Assert.True(stop.TotalMilliseconds > flushMs, $"{stop}");
    }

    [Fact]
    public async Task Unreachable_kafka_is_waited_for_and_a_stop_ends_the_waiting()
    {
        await using var host = ProducerService.Build(["--ConnectionStrings:kafka=127.0.0.1:1", "--urls=http://127.0.0.1:0"]);
        using var lines = new LogLines();
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);

        await host.StartAsync();
        await Wait.UntilAsync(
            () => lines.Text.Contains("waiting for it and topic market-ticks. Check --ConnectionStrings:kafka", StringComparison.Ordinal)
                && lines.Text.Contains("Kafka at 127.0.0.1:1 does not answer", StringComparison.Ordinal),
            "the waiting is logged");
        await host.StopAsync();

        Assert.Equal(0, ProducerHost.Metrics(host).Bytes);
    }
}
