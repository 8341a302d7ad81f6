using Radar.Market;

namespace Radar.Standalone;

/// <summary>Values of the command line; null is "not given", so the services' own defaults apply.</summary>
internal sealed record StandaloneOptions
{
    /// <summary>Addresses of the API, separated by semicolons.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8000";

    /// <summary>One of <see cref="Radar.Producer.SourceNames.All"/>.</summary>
    public string Source { get; init; } = "synthetic";

    /// <summary>The topic that the source <c>kafka</c> reads.</summary>
    public string? FromTopic { get; init; }

    /// <summary>Files, folders or globs to replay.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Pace of a replay: 1 as recorded, n times as fast, 0 as fast as possible.</summary>
    public double? Speed { get; init; }

    /// <summary>Whether a replay begins again at its end.</summary>
    public bool Loop { get; init; }

    /// <summary>Synthetic ticks per second; 0 is as fast as possible.</summary>
    public double? Rate { get; init; }

    /// <summary>Names of the synthetic symbols, or what to follow at a venue.</summary>
    public IReadOnlyList<string> Symbols { get; init; } = [];

    /// <summary>Number of synthetic symbols.</summary>
    public int? SymbolCount { get; init; }

    /// <summary>Bootstrap servers of a Kafka that runs elsewhere.</summary>
    public string? Kafka { get; init; }

    /// <summary>
    /// A Redis that runs elsewhere, as <see cref="Radar.ServiceDefaults.RedisConnectionString"/> reads it; may have a password.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>The topic.</summary>
    public string Topic { get; init; } = KafkaOptions.DefaultTopic;

    /// <summary>The consumer group.</summary>
    public string? Group { get; init; }

    /// <summary>Partitions of a topic that is created here.</summary>
    public int Partitions { get; init; } = 12;

    /// <summary>Only Kafka and Redis, no services.</summary>
    public bool InfrastructureOnly { get; init; }

    /// <summary>Port of the Kafka that is started here; null and 0 take a free one.</summary>
    public int? KafkaPort { get; init; }

    /// <summary>Port of the Redis that is started here; null and 0 take a free one.</summary>
    public int? RedisPort { get; init; }

    /// <summary>Directory of the Apache Kafka to start instead of the embedded broker.</summary>
    public string? KafkaHome { get; init; }

    /// <summary>Whether to start the machine's <c>redis-server</c> instead of Garnet.</summary>
    public bool RedisServer { get; init; }

    /// <summary>Port on loopback where Kafka and Redis alone are stopped and started; null is none, 0 a free one.</summary>
    public int? ControlPort { get; init; }

    /// <summary>Configuration that is handed to all three services as it is: <c>--Section:Name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Whether the broker is the one inside this process.</summary>
    public bool EmbedsKafka => Kafka is null && KafkaHome is null;
}
