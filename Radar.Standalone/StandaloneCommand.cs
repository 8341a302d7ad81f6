using System.CommandLine;
using System.Text.RegularExpressions;
using Radar.Producer;
using Radar.ServiceDefaults;
using static Radar.Standalone.CommandValues;

namespace Radar.Standalone;

/// <summary>The command line: its options and their checks.</summary>
internal static partial class StandaloneCommand
{
    /// <summary>Sections of the services' configuration that may be set as <c>--Section:Name=value</c>.</summary>
    public static readonly string[] Sections = ["Api", "Consumer", "Kafka", "Logging", "Producer", "Projection", "Radar", "Telemetry"];

    // Kafka's and Redis's own ports, for clients that know no others.
    private const int UsualKafkaPort = 9092;
    private const int UsualRedisPort = 6379;

    private static readonly Option<string> Urls = Text(
        "--urls", "URL", "Where the API listens; several are separated by semicolons. Default http://127.0.0.1:8000.", Url);

    private static readonly Option<string> Source = Text(
        "--source", "SOURCE",
        $"Where ticks come from: {string.Join(", ", SourceNames.All.SkipLast(1))} or {SourceNames.All[^1]}. Default synthetic"
            + $", replay where --path is given, "
            + "kafka where --from-topic is.",
        OneOf([.. SourceNames.All]));

    private static readonly Option<string> FromTopic = Text(
        "--from-topic", "NAME", "Another topic of the same Kafka, of any key and any JSON; --Producer:Topic:… maps it to ticks.",
        TopicName);

    private static readonly Option<string[]> Paths = new("--path")
    {
        HelpName = "PATH", Description = "File, folder or glob to replay; gzip and zip are seen through. May be repeated.",
    };

    private static readonly Option<double?> Speed = Number(
        "--speed", "Pace of a replay: 1 as recorded (default), n times as fast, 0 as fast as possible.", 0.0, 1_000_000);

    private static readonly Option<bool> Loop = new("--loop") { Description = "Begin a replay again at its end." };

    private static readonly Option<double?> Rate = Number(
        "--rate", "Synthetic ticks per second over all symbols; 0 as fast as possible. Default 50.", 0.0, 100_000_000);

    private static readonly Option<string> Symbols = Text(
        "--symbols", "A,B",
        "Names of the synthetic symbols (default: six well-known ones), or what to follow at a venue, as it spells it: btcusdt, BTC-USD"
            + ", BTC/USD.");

    private static readonly Option<int?> SymbolCount = Number(
        "--symbol-count", "Number of synthetic symbols, named SYM00001 and so on.", 1, 100_000);

    private static readonly Option<string> Kafka = Text(
        "--kafka", "HOST:PORT", "A Kafka that runs elsewhere; several brokers are separated by commas. Default: embedded.", Brokers,
        isSecret: true);

    private static readonly Option<string> Redis = Text(
        "--redis", "HOST:PORT",
        "A Redis that runs elsewhere; its client's settings may follow after commas"
            + ", or redis://user:password@host:port/0. Default: embedded.",
        CommandValues.RedisServer, isSecret: true);

    private static readonly Option<string> Topic = Text("--topic", "NAME", "The topic. Default market-ticks.", TopicName);

    private static readonly Option<string> Group = Text("--group", "NAME", "The consumer group. Default radar.");

    private static readonly Option<int?> Partitions =
        Number("--partitions", "Partitions of a topic that is created here. Default 12.", 1, 1024);

    private static readonly Option<bool> InfrastructureOnly = new("--infra-only")
    {
        Description = $"Only Kafka and Redis, no services; ports are then by default {UsualKafkaPort} and {UsualRedisPort}.",
    };

    private static readonly Option<int?> KafkaPort =
        Number("--kafka-port", "Port of the Kafka that is started here. Default: a free one.", 0, 65_535);

    private static readonly Option<int?> RedisPort =
        Number("--redis-port", "Port of the Redis that is started here. Default: a free one.", 0, 65_535);

    private static readonly Option<string> KafkaHome = Text(
        "--kafka-home", "DIR",
        "Start the Apache Kafka in this directory (needs Java 17) instead of the embedded one; its data is temporary.");

    private static readonly Option<bool> RedisServer = new("--redis-server")
    {
        Description = "Start this machine's redis-server instead of the embedded one; its data is temporary.",
    };

    private static readonly Option<int?> ControlPort = Number(
        "--control-port",
        "Port on loopback where --infra-only takes POST /control/kafka/stop and so on"
            + ", with the key in the environment variable Control__Key. Default: none.",
        0, 65_535);

    private static readonly RootCommand Root = new(
        """
        Radar in one process: a Kafka topic of market ticks becomes an API. Without arguments all of it is embedded and in memory.

        Any setting of the services may be added as --Section:Name=value, such as --Producer:TracesPerSymbolPerSecond=10 or
        --Logging:LogLevel:Default=Debug; it goes before the options below. docs/configuration.md lists them.
        """)
    {
        Urls, Source, FromTopic, Paths, Speed, Loop, Rate, Symbols, SymbolCount, Kafka, Redis, Topic, Group, Partitions, InfrastructureOnly,
        KafkaPort, RedisPort, KafkaHome, RedisServer, ControlPort,
    };

    /// <summary>
    /// Reads the arguments. The options are null where they are wrong (exit code 2) or help was asked for (0); faults are written to
    /// <paramref name="errors"/>, one line each.
    /// </summary>
    public static (StandaloneOptions? Options, int ExitCode) Read(string[] arguments, TextWriter output, TextWriter errors)
    {
        string[] settings = [.. arguments.Where(argument => Setting().IsMatch(argument))];
        var result = Root.Parse(
            [.. arguments.Where(argument => !Setting().IsMatch(argument))],
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.Errors.Count == 0 && result.Action is not null) // help or the version
            return (null, result.Invoke(new InvocationConfiguration { Output = output, Error = errors }));

        var wrong = result.Errors.Select(error => WithoutSecrets(error.Message)).Concat(settings.Select(WrongSection).OfType<string>());
        string[] faults = [.. wrong.Distinct()];
        var options = faults.Length == 0 ? Options(result, settings) : null;
        if (options is not null)
            faults = [.. Contradictions(options)];
        if (faults.Length == 0)
            return (options, 0);

        foreach (string fault in faults)
            errors.WriteLine(fault);
        errors.WriteLine("--help lists all options.");
        return (null, ServiceRunner.ConfigurationError);
    }

    private static StandaloneOptions Options(ParseResult result, string[] settings)
    {
        var defaults = new StandaloneOptions();
        string[] paths = result.GetValue(Paths) ?? [];
        string? fromTopic = result.GetValue(FromTopic);
        bool alone = result.GetValue(InfrastructureOnly);
        return new StandaloneOptions
        {
            Urls = result.GetValue(Urls) ?? defaults.Urls,
            Source = result.GetValue(Source) ?? (paths.Length > 0 ? "replay" : fromTopic is not null ? "kafka" : defaults.Source),
            FromTopic = fromTopic,
            Paths = paths,
            Speed = result.GetValue(Speed),
            Loop = result.GetValue(Loop),
            Rate = result.GetValue(Rate),
            Symbols = result.GetValue(Symbols)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
            SymbolCount = result.GetValue(SymbolCount),
            Kafka = result.GetValue(Kafka),
            Redis = result.GetValue(Redis),
            Topic = result.GetValue(Topic) ?? defaults.Topic,
            Group = result.GetValue(Group),
            Partitions = result.GetValue(Partitions) ?? defaults.Partitions,
            InfrastructureOnly = alone,
            KafkaPort = result.GetValue(KafkaPort) ?? (alone ? UsualKafkaPort : null),
            RedisPort = result.GetValue(RedisPort) ?? (alone ? UsualRedisPort : null),
            KafkaHome = result.GetValue(KafkaHome),
            RedisServer = result.GetValue(RedisServer),
            ControlPort = result.GetValue(ControlPort),
            Settings = settings,
        };
    }

    private static IEnumerable<string> Contradictions(StandaloneOptions options)
    {
        if (options.Source == "replay" && options.Paths.Count == 0)
            yield return "--source replay needs at least one --path.";
        if (options.Source != "replay" && options.Paths.Count > 0)
            yield return $"--path is for replays; --source {options.Source} reads no files. Leave one of them out.";
        if (SourceNames.Live.Contains(options.Source) && options.Symbols.Count == 0
            && !options.Settings.Any(setting => setting.StartsWith("--Producer:Live:Symbols:", StringComparison.OrdinalIgnoreCase)))
            yield return $"--source {options.Source} needs --symbols, what to follow there.";
        if (options.Source != "kafka" && options.FromTopic is not null)
            yield return $"--from-topic is a topic to read; --source {options.Source} reads none. Leave one of them out.";
        if (options.Source == "kafka" && options.FromTopic is null && !options.Settings.Any(IsTopicName))
            yield return "--source kafka needs --from-topic, the topic to read.";
        if (options.Source == "kafka" && options.EmbedsKafka && !options.InfrastructureOnly)
            yield return "--source kafka needs a real broker with transactions"
                + ", which the embedded one has not: give --kafka or --kafka-home.";
        if (options.ControlPort is not null && !options.InfrastructureOnly)
            yield return "--control-port is for --infra-only. Leave it out, or add that.";
        if (options.InfrastructureOnly && (options.Kafka is not null || options.Redis is not null))
            yield return "--infra-only starts Kafka and Redis; --kafka and --redis are for servers that run elsewhere. Leave one of "
                + "them out.";
        else if (options.Kafka is not null && (options.KafkaHome is not null || options.KafkaPort is not null))
            yield return "--kafka is for a Kafka that runs elsewhere; --kafka-home and --kafka-port start one here. Leave one of them out.";
        else if (options.Redis is not null && (options.RedisServer || options.RedisPort is not null))
            yield return "--redis is for a Redis that runs elsewhere; --redis-server and --redis-port start one here. Leave one of them "
                + "out.";
    }

    private static bool IsTopicName(string setting) => setting.StartsWith("--Producer:Topic:Name=", StringComparison.OrdinalIgnoreCase);

    private static string? WrongSection(string setting)
    {
        string section = setting[2..setting.IndexOf(':', StringComparison.Ordinal)];
        string name = setting[..setting.IndexOf('=', StringComparison.Ordinal)];
        return Sections.Contains(section, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{name}: there is no section {section}. Sections are {string.Join(", ", Sections)}.";
    }

    /// <summary>Arguments that belong to no option are repeated by the parser; one may be a part of a connection string.</summary>
    private static string WithoutSecrets(string fault) => Secret().Replace(fault, "…");

    [GeneratedRegex(@"(?<=(user|password)=)[^'…]+|(?<=://)[^']+(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex(@"^--\w+(:[\w.-]+)+=")]
    private static partial Regex Setting();
}
