using System.Reflection;
using Radar.Api;
using Radar.Consumer;
using Radar.Market;
using Radar.Producer;
using Radar.Standalone;

namespace Radar.Tests.Standalone;

public sealed class StandaloneCommandTests
{
    [Theory]
    [InlineData("--speed fast", "--speed fast: takes a number from 0 to 1000000.")]
    [InlineData("--speed -1", "--speed -1: takes a number from 0 to 1000000.")]
    [InlineData("--symbol-count 1.5", "--symbol-count 1.5: takes a whole number from 1 to 100000.")]
    [InlineData("--kafka-port 70000", "--kafka-port 70000: takes a whole number from 0 to 65535.")]
    [InlineData("--kafka localhost", "--kafka takes host:port, several separated by commas, such as localhost:9092.")]
    [InlineData("--redis localhost:x",
        "--redis takes host:port, such as localhost:6379, or a redis:// URL: part 1 is not host:port. Credentials are settings behind "
            + "the addresses, user=… and password=…, or go into a redis:// URL.")]
    [InlineData("--urls 8000", "--urls 8000: takes an address like http://127.0.0.1:8000; for https put a proxy before it.")]
    [InlineData("--source nyse",
        "--source nyse: takes one of none, synthetic, replay, binance, coinbase, kraken, bybit, okx, coinbase-advanced, hyperliquid, "
            + "kafka.")]
    [InlineData("--source krakne",
        "--source krakne: takes one of none, synthetic, replay, binance, coinbase, kraken, bybit, okx, coinbase-advanced, hyperliquid, "
            + "kafka. Did you mean kraken?")]
    [InlineData("--source kraken", "--source kraken needs --symbols, what to follow there.")]
    [InlineData("--topic a/b", "--topic a/b: a topic's name has 1 to 245 of letters, digits, '.', '_' and '-'.")]
    [InlineData("--source replay", "--source replay needs at least one --path.")]
    [InlineData("--path a --source none", "--path is for replays; --source none reads no files. Leave one of them out.")]
    [InlineData("--source kafka --kafka a:1", "--source kafka needs --from-topic, the topic to read.")]
    [InlineData("--source none --from-topic a", "--from-topic is a topic to read; --source none reads none. Leave one of them out.")]
    [InlineData(
        "--from-topic a",
        "--source kafka needs a real broker with transactions, which the embedded one has not: give --kafka or --kafka-home.")]
    [InlineData(
        "--Foo:Bar=1",
        "--Foo:Bar: there is no section Foo. Sections are AllowedHosts, Api, Auth, Consumer, Kafka, Limits, Logging, Operations, "
            + "Producer, Projection, Radar, Redis, Telemetry.")]
    [InlineData("--bogus", "--bogus: there is no such option.")]
    [InlineData("--bogus value", "--bogus: there is no such option.")]
    [InlineData("--bogus=pass@word", "--bogus: there is no such option.")]
    [InlineData("--sorce none", "--sorce: there is no such option. Did you mean --source?")]
    [InlineData("--partition 3", "--partition: there is no such option. Did you mean --partitions?")]
    [InlineData("--symbol A", "--symbol: there is no such option. Did you mean --symbols?")]
    [InlineData("--Producr:Source=none",
        "--Producr:Source: there is no section Producr. Sections are AllowedHosts, Api, Auth, Consumer, Kafka, Limits, Logging, "
            + "Operations, Producer, Projection, Radar, Redis, Telemetry. Did you mean Producer?")]
    [InlineData("--Producer:Sourc=none", "Producer: there is no setting 'Sourc'. Did you mean Producer:Source?")]
    [InlineData("--Producer:Replay:Sped 2", "Producer:Replay: there is no setting 'Sped'. Did you mean Producer:Replay:Speed?")]
    [InlineData("--Producer:Rate 2", "Producer: there is no setting 'Rate'. Did you mean Producer:Synthetic:Rate?")]
    [InlineData("Api:Foo=2", "Api: there is no setting 'Foo'.")]
    [InlineData("--Producer:Compression=lz5",
        "Producer:Compression: there is no 'lz5'. One of: none, gzip, snappy, lz4, zstd. Did you mean lz4?")]
    [InlineData("--Kafka:Partitions many", "Kafka:Partitions: 'many' is no whole number that fits.")]
    [InlineData("--Producer:Replay:Loop yes", "Producer:Replay:Loop: 'yes' is neither true nor false.")]
    [InlineData("--Producer:Source", "--Producer:Source needs a value: --Producer:Source=… or --Producer:Source ….")]
    [InlineData("--Producer:Source --loop", "--Producer:Source needs a value: --Producer:Source=… or --Producer:Source ….")]
    [InlineData("--ConnectionStrings:kafka=a:1", "--ConnectionStrings:kafka: Kafka's address is the option --kafka here.")]
    [InlineData("--Producer:Source=kraken", "--source kraken needs --symbols, what to follow there.")]
    [InlineData("--kafka a:1 --kafka-home b",
        "--kafka is for a Kafka that runs elsewhere; --kafka-home and --kafka-port start one here. Leave one of them out.")]
    [InlineData("--redis a:1 --redis-server",
        "--redis is for a Redis that runs elsewhere; --redis-server and --redis-port start one here. Leave one of them out.")]
    [InlineData("--infra-only --redis a:1",
        "--infra-only starts Kafka and Redis; --kafka and --redis are for servers that run elsewhere. Leave one of them out.")]
    public void Argument_that_is_wrong_is_reported_in_one_line_with_exit_code_2(string arguments, string line)
    {
        using var errors = new StringWriter();

        var (options, exitCode) = StandaloneCommand.Read(arguments.Split(' '), TextWriter.Null, errors);

        Assert.Null(options);
        Assert.Equal(2, exitCode);
        Assert.Equal([line, "--help lists all options.", ""], errors.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public void Every_fault_is_listed()
    {
        using var errors = new StringWriter();

        StandaloneCommand.Read(["--speed", "x", "--rate", "y"], TextWriter.Null, errors);

        Assert.Contains("--speed x", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("--rate y", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_every_option_and_is_no_error()
    {
        using var output = new StringWriter();

        var (options, exitCode) = StandaloneCommand.Read(["--help"], output, TextWriter.Null);

        Assert.Null(options);
        Assert.Equal(0, exitCode);
        foreach (string option in new[] { "--urls", "--source", "--path", "--speed", "--kafka", "--redis", "--topic", "--infra-only",
            "--loop" })
            Assert.Contains(option + " ", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_arguments_is_synthetic_ticks_on_loopback_port_8000_with_everything_embedded()
    {
        var options = Read();

        Assert.Equal(("synthetic", "http://127.0.0.1:8000", true), (options.Source, options.Urls, options.EmbedsKafka));
        Assert.Null(options.Redis);
    }

    [Fact]
    public void Paths_without_a_source_are_replayed_in_their_order()
    {
        var options = Read("--path", "a", "--path", "b", "--speed", "0");

        string[] arguments = ServiceArguments.Producer(options, []);

        Assert.Contains("--Producer:Source=replay", arguments);
        Assert.Contains("--Producer:Replay:Paths:0=a", arguments);
        Assert.Contains("--Producer:Replay:Paths:1=b", arguments);
        Assert.Contains("--Producer:Replay:Speed=0", arguments);
    }

    [Fact]
    public void Symbols_are_those_of_the_venue_that_is_the_source()
    {
        string[] arguments = ServiceArguments.Producer(Read("--source", "kraken", "--symbols", "btc/usd, eth/usd"), []);

        Assert.Contains("--Producer:Source=kraken", arguments);
        Assert.Contains("--Producer:Live:Symbols:0=btc/usd", arguments);
        Assert.Contains("--Producer:Live:Symbols:1=eth/usd", arguments);
        Assert.Contains("--Producer:Synthetic:Symbols:0=A", ServiceArguments.Producer(Read("--symbols", "A"), []));
        Assert.Equal("binance", Read("--source", "binance", "--Producer:Live:Symbols:0=btcusdt").Source);
    }

    [Fact]
    public void Topic_to_read_is_the_source_kafka()
    {
        string[] arguments = ServiceArguments.Producer(Read("--kafka", "a:1", "--from-topic", "fills"), []);

        Assert.Contains("--Producer:Source=kafka", arguments);
        Assert.Contains("--Producer:Topic:Name=fills", arguments);
    }

    [Fact]
    public void Setting_of_a_service_goes_before_the_option_that_differs()
    {
        var options = Read("--rate", "10", "--Producer:Synthetic:Rate=20", "--Kafka:Topic=other");

        Assert.Equal("other", ServiceArguments.Kafka(options).Topic);
        Assert.Equal("--Producer:Synthetic:Rate=20", ServiceArguments.Producer(options, [])
            .Last(a => a.Contains("Synthetic:Rate", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("--Producer:Replay:Speed=2 --path a --rate 5")]
    [InlineData("--path a --Producer:Replay:Speed=2 --rate 5")]
    [InlineData("--path a --rate 5 --Producer:Replay:Speed 2")]
    [InlineData("--path a Producer:Replay:Speed=2 --rate=5")]
    [InlineData("/Producer:Replay:Speed=2 --path a --rate 5")]
    [InlineData("/Producer:Replay:Speed 2 --path a --rate 5")]
    public void Setting_may_be_anywhere_on_the_line(string arguments)
    {
        var options = Read(arguments.Split(' '));

        Assert.Equal(["--Producer:Replay:Speed=2"], options.Settings);
        Assert.Equal(["a"], options.Paths);
        Assert.Equal(5, options.Rate);
    }

    [Fact]
    public void Value_of_an_option_is_no_setting()
    {
        var options = Read("--path", "Producer:Source=none", "--Producer:SymbolFormat", "{venue}:{symbol}");

        Assert.Equal(["Producer:Source=none"], options.Paths);
        Assert.Equal(["--Producer:SymbolFormat={venue}:{symbol}"], options.Settings);
    }

    [Fact]
    public void Infrastructure_alone_is_on_the_usual_ports_unless_others_are_set()
    {
        var usual = Read("--infra-only");
        var other = Read("--infra-only", "--kafka-port", "1234", "--redis-port", "0");

        Assert.Equal((9092, 6379), (usual.KafkaPort, usual.RedisPort));
        Assert.Equal((1234, 0), (other.KafkaPort, other.RedisPort));
    }

    [Fact]
    public void Sections_that_may_be_set_are_those_that_the_services_have()
    {
        Type[] services = [typeof(ProducerService), typeof(ConsumerService), typeof(ApiService), typeof(KafkaOptions)];
        var sections = services.SelectMany(service => service.Assembly.GetTypes())
            .Select(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static))
            .OfType<FieldInfo>()
            .Select(field => (string)field.GetRawConstantValue()!);

        Assert.Equal(
            sections.Concat(["AllowedHosts", "Logging", "Operations", "Redis", "Telemetry"]).Order(),
            StandaloneSettings.Sections.Keys.Order());
    }

    private static StandaloneOptions Read(params string[] arguments)
    {
        using var errors = new StringWriter();
        var (options, _) = StandaloneCommand.Read(arguments, TextWriter.Null, errors);
        return options ?? throw new InvalidOperationException(errors.ToString());
    }
}
