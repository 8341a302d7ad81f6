using System.Globalization;
using Radar.Market;
using Radar.Producer;
using Radar.ServiceDefaults;

namespace Radar.Standalone;

/// <summary>Turns the command line and the infrastructure into the services' own configuration.</summary>
internal static class ServiceArguments
{
    // Three hosts write to one console; a line each is enough, and the ports of their web servers are printed by Standalone.
    private static readonly string[] Logging =
    [
        "--Logging:Console:FormatterName=simple",
        "--Logging:Console:FormatterOptions:SingleLine=true",
        "--Logging:LogLevel:Default=Information",
        "--Logging:LogLevel:Microsoft.AspNetCore=Warning",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Warning",
    ];

    /// <summary>
    /// One process is one target: where the API serves <c>/metrics</c>, it serves those of all three, and the operations port is the API's.
    /// </summary>
    private static readonly string[] NoOperations = ["--Telemetry:Prometheus:Enabled=false", "--Operations:Port=0"];

    /// <summary>The Kafka options that the services will read, from whichever setting.</summary>
    public static KafkaOptions Kafka(StandaloneOptions options) =>
        new ConfigurationBuilder().AddCommandLine([.. Common("", options, []), .. options.Settings]).Build()
            .ReadEarly<KafkaOptions>(KafkaOptions.Section);

    /// <summary>Arguments of the producer.</summary>
    public static string[] Producer(StandaloneOptions options, IReadOnlyList<string> infrastructure)
    {
        var arguments = Beside("radar-producer", options, infrastructure);
        arguments.Add("--Producer:Source=" + options.Source);
        if (options.FromTopic is not null)
            arguments.Add("--Producer:Topic:Name=" + options.FromTopic);
        arguments.AddRange(options.Paths.Select((path, index) => Invariant($"--Producer:Replay:Paths:{index}={path}")));
        if (options.Speed is { } speed)
            arguments.Add(Invariant($"--Producer:Replay:Speed={speed}"));
        if (options.Loop)
            arguments.Add("--Producer:Replay:Loop=true");
        string named = SourceNames.Live.Contains(options.Source) ? "Live" : "Synthetic";
        arguments.AddRange(options.Symbols.Select((symbol, index) => Invariant($"--Producer:{named}:Symbols:{index}={symbol}")));
        if (options.SymbolCount is { } count)
            arguments.Add(Invariant($"--Producer:Synthetic:SymbolCount={count}"));
        if (options.Rate is { } rate)
            arguments.Add(Invariant($"--Producer:Synthetic:Rate={rate}"));
        return [.. arguments, .. options.Settings, .. NoOperations];
    }

    /// <summary>Arguments of the consumer.</summary>
    public static string[] Consumer(StandaloneOptions options, IReadOnlyList<string> infrastructure) =>
        [.. Beside("radar-consumer", options, infrastructure), .. options.Settings, .. NoOperations];

    /// <summary>Arguments of the API, the one that reports what all three share: the process.</summary>
    public static string[] Api(StandaloneOptions options, IReadOnlyList<string> infrastructure) =>
        [.. Common("radar-api", options, infrastructure), "--urls=" + options.Urls, .. options.Settings,
            "--Telemetry:Prometheus:AllServices=true"];

    /// <summary>The other hosts serve health on free ports.</summary>
    private static List<string> Beside(string name, StandaloneOptions options, IReadOnlyList<string> infrastructure) =>
        [.. Common(name, options, infrastructure), "--urls=http://127.0.0.1:0", "--Telemetry:ProcessWide=false"];

    private static List<string> Common(string name, StandaloneOptions options, IReadOnlyList<string> infrastructure)
    {
        List<string> arguments =
        [
            .. Logging, .. infrastructure, "--OTEL_SERVICE_NAME=" + name, "--Kafka:Topic=" + options.Topic,
            Invariant($"--Kafka:Partitions={options.Partitions}"),
        ];
        if (options.Group is not null)
            arguments.Add("--Kafka:ConsumerGroup=" + options.Group);
        return arguments;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
