using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Settings;
using static Radar.Standalone.CommandValues;

namespace Radar.Standalone;

/// <summary>The command line: its options and their checks.</summary>
internal static partial class StandaloneCommand
{
    // Kafka's and Redis's own ports, for clients that know no others.
    private const int UsualKafkaPort = 9092;
    private const int UsualRedisPort = 6379;

    private static readonly Option<string> Urls = Text(
        "--urls", "URL", "Where the API listens; several are separated by semicolons. Default http://127.0.0.1:8000.", Url,
        shape: new(@"^[\s;]*http://", UrlRule));

    private static readonly Option<string> Source = Text(
        "--source", "SOURCE",
        $"Where ticks come from: {string.Join(", ", SourceNames.All.SkipLast(1))} or {SourceNames.All[^1]}. Default synthetic"
            + $", replay where --path is given, "
            + "kafka where --from-topic is.",
        choices: SourceNames.All);

    private static readonly Option<string> FromTopic = Text(
        "--from-topic", "NAME", "Another topic of the same Kafka, of any key and any JSON; --Producer:Topic:… maps it to ticks.",
        TopicName, shape: new(TopicPattern, TopicRule));

    private static readonly Option<string[]> Paths = new("--path")
    {
        HelpName = "PATH", Description = "File, folder or glob to replay, plain or compressed. May be repeated.",
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
        isSecret: true, shape: new("^[^,]*:[^,]*(,[^,]*:[^,]*)*$", BrokersRule + "."));

    private static readonly Option<string> Redis = Text(
        "--redis", "HOST:PORT",
        "A Redis that runs elsewhere; its client's settings may follow after commas"
            + ", or redis://user:password@host:port/0. Default: embedded.",
        CommandValues.RedisServer, isSecret: true);

    private static readonly Option<string> Topic = Text("--topic", "NAME", "The topic. Default market-ticks.", TopicName,
        shape: new(TopicPattern, TopicRule));

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
        --Logging:LogLevel:Default=Debug, anywhere on the line; it overrules the options below. docs/configuration.md lists them.
        """)
    {
        Urls, Source, FromTopic, Paths, Speed, Loop, Rate, Symbols, SymbolCount, Kafka, Redis, Topic, Group, Partitions, InfrastructureOnly,
        KafkaPort, RedisPort, KafkaHome, RedisServer, ControlPort,
    };

    /// <summary>All options but that of the help and of the version.</summary>
    internal static IEnumerable<Option> All => Root.Options.Where(option => option is not (HelpOption or VersionOption));

    /// <summary>
    /// Reads the arguments. The options are null where they are wrong (exit code 2) or help was asked for (0); faults are written to
    /// <paramref name="errors"/>, one line each.
    /// </summary>
    public static (StandaloneOptions? Options, int ExitCode) Read(string[] arguments, TextWriter output, TextWriter errors)
    {
        var read = SettingArguments.Of(arguments, TakesValue);
        var (known, unknown) = Known(read.Others);
        var result = Root.Parse(
            known,
            new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.Errors.Count == 0 && result.Action is not null) // help or the version
            return (null, result.Invoke(new InvocationConfiguration { Output = output, Error = errors }));

        string[] faults =
        [
            .. unknown.Select(Unknown).OfType<string>().Concat(result.Errors.Select(error => WithoutSecrets(error.Message)))
                .Concat(read.Faults).Concat(StandaloneSettings.Faults(read.Settings)).Distinct(),
        ];
        var options = faults.Length == 0 ? Options(result, read.Settings) : null;
        if (options is not null)
            faults = [.. CommandRules.Faults(result, options)];
        if (faults.Length == 0)
            return (options, 0);

        foreach (string fault in faults)
            errors.WriteLine(fault);
        errors.WriteLine("--help lists all options.");
        return (null, ServiceRunner.ConfigurationError);
    }

    /// <summary>Separates options that do not exist, and their values.</summary>
    private static (string[] Known, string[] Unknown) Known(IReadOnlyList<string> arguments)
    {
        List<string> known = [], unknown = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            if (Unknown(arguments[i]) is null)
            {
                known.Add(arguments[i]);
                continue;
            }

            unknown.Add(arguments[i]);
            if (!arguments[i].Contains('=', StringComparison.Ordinal) && i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-'))
                i++;
        }

        return ([.. known], [.. unknown]);
    }

    /// <summary>The sentence about an option that does not exist; null for any other argument. Its value is not repeated.</summary>
    private static string? Unknown(string argument)
    {
        string name = NameOf(argument);
        string[] known = [.. Root.Options.SelectMany(option => option.Aliases.Append(option.Name))];
        return !argument.StartsWith("--", StringComparison.Ordinal) || argument == "--" || known.Contains(name, StringComparer.Ordinal)
            ? null
            : $"{WithoutSecrets(name)}: there is no such option.{Spelling.Hint(name, known)}";
    }

    private static bool TakesValue(string argument) => All.Any(option => option.Name == argument && option.ValueType != typeof(bool));

    private static string NameOf(string argument) => argument.Split('=', ':')[0];

    private static StandaloneOptions Options(ParseResult result, IReadOnlyList<string> settings)
    {
        var defaults = new StandaloneOptions();
        string[] paths = result.GetValue(Paths) ?? [];
        string? fromTopic = result.GetValue(FromTopic);
        bool alone = result.GetValue(InfrastructureOnly);
        return new StandaloneOptions
        {
            Urls = result.GetValue(Urls) ?? defaults.Urls,
            Source = StandaloneSettings.Value(settings, "Producer:Source")?.ToLowerInvariant() ?? result.GetValue(Source)
                ?? (paths.Length > 0 ? "replay" : fromTopic is not null ? "kafka" : defaults.Source),
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

    /// <summary>Arguments that belong to no option are repeated by the parser; one may be a part of a connection string.</summary>
    private static string WithoutSecrets(string fault) => Secret().Replace(fault, "…");

    [GeneratedRegex(@"(?<=(user|password)=)[^'…]+|(?<=://)[^']+(?=@)", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
