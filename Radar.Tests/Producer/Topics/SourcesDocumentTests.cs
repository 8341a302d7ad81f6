using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

/// <summary>Runs the example of docs/sources.md, with its own records, settings and answers.</summary>
[Collection(OnApacheKafkaOfSources.Name)]
public sealed partial class SourcesDocumentTests(KafkaHome apache)
{
    private const string Section = "## A topic with another format\n";

    [RequiresFact(Need.KafkaHome)]
    public async Task Example_gives_the_answers_that_the_document_shows()
    {
        string text = ExampleSection();
        await using var run = new TopicRun(apache.BootstrapServers, "readme");
        await run.CreateSourceAsync(3);
        var records = Records(text);
        run.Send(records);
        run.Send([("desk-7", null, new Headers { { "instrument", "btc-usd"u8.ToArray() } })]); // no shell writes a tombstone
        string[] producer = Producer(text, run.Source);

        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, run.Ours, "--Kafka:Partitions=4");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await run.StartAsync(producer);
        await run.DoneAsync();
        await RadarPath.BacklogAppliedAsync(api);

        string[] answers = [.. text.Split('\n').Where(line => line.StartsWith("{\"symbol\"", StringComparison.Ordinal))];
        Assert.Equal(2, answers.Length);
        Assert.Equal(Comparable(answers[0]), Comparable((await RadarPath.GetAsync(api, "/api/v2/tickers/BTC-USD")).ToJsonString()));
        Assert.Equal(Comparable(answers[1]),
            Comparable((await RadarPath.GetAsync(api, "/api/v2/bars/BTC-USD?timeframe=1m")).ToJsonString()));
        Assert.Equal(2412.5m, (decimal)(await RadarPath.GetAsync(api, "/api/v2/tickers/ETH-USD"))["p"]!);
        Assert.Equal(
            [("order 4711 cancelled", "bad_json"), (records[4].Value!, "missing_price"), ("", "no_value")],
            run.Read(run.DeadLetters)
                .Select(letter => (Encoding.UTF8.GetString(letter.Message.Value ?? []), TopicRun.Header(letter, "radar.reason")!))
                .OrderBy(letter => letter.Item2, StringComparer.Ordinal));
    }

    /// <summary>The answer without its spaces, up to what differs from run to run.</summary>
    private static string Comparable(string answer) => VolumeWeighted().Split(answer)[0].Split(",\"meta\"")[0];

    private static string[] Producer(string text, string source)
    {
        string command = text[text.IndexOf("dotnet run --project Radar.Standalone -- --kafka", StringComparison.Ordinal)..];
        string[] words = command[..command.IndexOf("```", StringComparison.Ordinal)].Split(
            [' ', '\\', '\n'], StringSplitOptions.RemoveEmptyEntries);
        using var errors = new StringWriter();
        var (options, _) = StandaloneCommand.Read(words[(Array.IndexOf(words, "--") + 1)..], TextWriter.Null, errors);
        Assert.True(options is not null, errors.ToString());
        string[] arguments = ServiceArguments.Producer(options, []);
        Assert.Contains("--Producer:Topic:Name=fills", arguments);
        return [.. arguments.Where(argument => argument.StartsWith("--Producer:", StringComparison.Ordinal)),
            $"--Producer:Topic:Name={source}"];
    }

    private static List<(string? Key, string? Value, Headers? Headers)> Records(string text)
    {
        var records = text.Split('\n').Where(line => line.StartsWith("instrument:", StringComparison.Ordinal) && line.Contains('|'))
            .Select(line => line.Split('|'))
            .Select(parts => ((string?)parts[1], (string?)parts[2],
                (Headers?)new Headers { { "instrument", Encoding.UTF8.GetBytes(parts[0].Split(':')[1]) } }))
            .ToList();
        Assert.Equal(6, records.Count);
        return records;
    }

    private static string ExampleSection()
    {
        string text = File.ReadAllText(Repository.File("docs/sources.md"));
        text = text[(text.IndexOf(Section, StringComparison.Ordinal) + Section.Length)..];
        return text;
    }

    [GeneratedRegex(",\"vw\"")]
    private static partial Regex VolumeWeighted();
}
