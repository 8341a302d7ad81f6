using Radar.Standalone.Infrastructure;

namespace Radar.Standalone;

/// <summary>What a person reads when everything runs.</summary>
internal static class Announcement
{
    public static Task InfrastructureAsync(RunningInfrastructure infrastructure) =>
        Console.Out.WriteLineAsync(Infrastructure(infrastructure));

    public static Task PathAsync(StandaloneOptions options, RunningInfrastructure infrastructure, IEnumerable<string> urls) =>
        Console.Out.WriteLineAsync(Path(options, infrastructure, urls));

    internal static string Infrastructure(RunningInfrastructure infrastructure) =>
        $"""

        Kafka   {infrastructure.Kafka}  ({infrastructure.KafkaNote})
        Redis   {infrastructure.RedisAddresses}  ({infrastructure.RedisNote})
        Ctrl+C ends both.
        """;

    internal static string Path(StandaloneOptions options, RunningInfrastructure infrastructure, IEnumerable<string> urls)
    {
        string api = Clickable(urls.First());
        return
            $"""

            Radar runs: {options.FromTopic ?? options.Source} -> {ServiceArguments.Kafka(options).Topic} -> API
            page    {api}/
            docs    {api}/docs
            try     curl {api}{Example(options)}
            health  {api}/health
            Kafka   {infrastructure.Kafka}  ({infrastructure.KafkaNote})
            Redis   {infrastructure.RedisAddresses}  ({infrastructure.RedisNote})
            Ctrl+C ends everything.

            """;
    }

    /// <summary>A server that listens on every address is reached at this machine's own.</summary>
    private static string Clickable(string url) =>
        url.Replace("[::]", "127.0.0.1", StringComparison.Ordinal)
            .Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)
            .Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//+", "//127.0.0.1", StringComparison.Ordinal);

    /// <summary>Symbols are known beforehand only where they are made up here.</summary>
    private static string Example(StandaloneOptions options) => options switch
    {
        { Source: not "synthetic" } => "/api/v2/lag",
        { Symbols: [var first, ..] } => "/api/v1/ticker/" + first,
        { SymbolCount: not null } => "/api/v1/ticker/SYM00001",
        _ => "/api/v1/ticker/BTCUSDT",
    };
}
