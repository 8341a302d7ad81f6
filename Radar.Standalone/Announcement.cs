using Radar.Standalone.Infrastructure;

namespace Radar.Standalone;

/// <summary>What a person reads when everything runs.</summary>
internal static class Announcement
{
    public static Task InfrastructureAsync(RunningInfrastructure infrastructure) =>
        Console.Out.WriteLineAsync(Infrastructure(infrastructure));

    /// <summary>Waits a few seconds for a first symbol, so that the example answers.</summary>
    public static async Task PathAsync(
        StandaloneOptions options, RunningInfrastructure infrastructure, ICollection<string> urls, CancellationToken stop)
    {
        string request = await FirstSymbol.RequestAsync(options, Clickable(urls.First()), TimeProvider.System, stop);
        if (!stop.IsCancellationRequested)
            await Console.Out.WriteLineAsync(Path(options, infrastructure, urls, request));
    }

    internal static string Infrastructure(RunningInfrastructure infrastructure) =>
        $"""

        Kafka   {infrastructure.Kafka}  ({infrastructure.KafkaNote})
        Redis   {infrastructure.RedisAddresses}  ({infrastructure.RedisNote})
        Ctrl+C ends both.
        """;

    internal static string Path(
        StandaloneOptions options, RunningInfrastructure infrastructure, IEnumerable<string> urls, string request)
    {
        string api = Clickable(urls.First());
        return
            $"""

            Radar runs: {options.FromTopic ?? options.Source} -> {ServiceArguments.Kafka(options).Topic} -> API
            page    {api}/
            docs    {api}/docs
            try     curl {request}
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
}
