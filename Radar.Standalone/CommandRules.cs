using System.CommandLine;
using Radar.Producer;

namespace Radar.Standalone;

/// <summary>
/// Options that do not go together. They are data: build/arguments.json has them for radar.cs, which checks before it builds.
/// </summary>
internal static class CommandRules
{
    private const string Elsewhere = "--infra-only starts Kafka and Redis; --kafka and --redis are for servers that run elsewhere. "
        + "Leave one of them out.";

    private const string OneKafka =
        "--kafka is for a Kafka that runs elsewhere; --kafka-home and --kafka-port start one here. Leave one of them out.";

    private const string OneRedis =
        "--redis is for a Redis that runs elsewhere; --redis-server and --redis-port start one here. Leave one of them out.";

    /// <summary>
    /// Each is broken where all of <c>Given</c> are given and none of <c>Without</c> is. An entry is an option, an option with its
    /// accepted values, or a setting; <c>--source</c> has the value that holds where it is not given, too.
    /// </summary>
    public static readonly IReadOnlyList<CommandRule> All =
    [
        new(["--source=replay"], ["--path"], "--source replay needs at least one --path."),
        new(["--path"], ["--source=replay"], "--path is for replays; --source {source} reads no files. Leave one of them out."),
        new(["--source=" + string.Join('|', SourceNames.Live)], ["--symbols", "Producer:Live:Symbols"],
            "--source {source} needs --symbols, what to follow there."),
        new(["--from-topic"], ["--source=kafka"], "--from-topic is a topic to read; --source {source} reads none. Leave one of them out."),
        new(["--source=kafka"], ["--from-topic", "Producer:Topic:Name"], "--source kafka needs --from-topic, the topic to read."),
        new(["--source=kafka"], ["--kafka", "--kafka-home", "--infra-only"],
            "--source kafka needs a real broker with transactions, which the embedded one has not: give --kafka or --kafka-home."),
        new(["--control-port"], ["--infra-only"], "--control-port is for --infra-only. Leave it out, or add that."),
        new(["--infra-only", "--kafka"], [], Elsewhere),
        new(["--infra-only", "--redis"], [], Elsewhere),
        new(["--kafka", "--kafka-home"], [], OneKafka),
        new(["--kafka", "--kafka-port"], [], OneKafka),
        new(["--redis", "--redis-server"], [], OneRedis),
        new(["--redis", "--redis-port"], [], OneRedis),
    ];

    /// <summary>The sentences of the rules that are broken.</summary>
    public static IEnumerable<string> Faults(ParseResult result, StandaloneOptions options)
    {
        return All.Where(rule => rule.Given.All(Holds) && !rule.Without.Any(Holds))
            .Select(rule => rule.Fault.Replace("{source}", options.Source, StringComparison.Ordinal)).Distinct();

        bool Holds(string entry) => entry.Split('=') switch
        {
            ["--source", var values] => values.Split('|').Contains(options.Source),
            [['-', ..] name] => StandaloneCommand.All.Any(option => option.Name == name && IsGiven(result, option)),
            [var setting] => StandaloneSettings.IsGiven(options.Settings, setting),
            _ => throw new InvalidOperationException($"A rule has the entry {entry}."),
        };
    }

    private static bool IsGiven(ParseResult result, Option option) => option is Option<bool> flag
        ? result.GetValue(flag)
        : result.GetResult(option) is { Implicit: false };
}

/// <summary>Options that do not go together.</summary>
/// <param name="Given">All of them are.</param>
/// <param name="Without">None of them is.</param>
/// <param name="Fault">The sentence about it.</param>
internal sealed record CommandRule(IReadOnlyList<string> Given, IReadOnlyList<string> Without, string Fault);
