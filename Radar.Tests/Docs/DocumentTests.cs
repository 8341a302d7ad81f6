using System.Net;
using System.Text.RegularExpressions;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Docs;

/// <summary>Links and commands of the documents.</summary>
public sealed partial class DocumentTests
{
    /// <summary>Commands that another test runs, or that no test can run, and why.</summary>
    private static readonly (string Begins, string Why)[] Elsewhere =
    [
        ("dotnet radar.cs", "what it runs is what CI runs"),
        ("dotnet test Radar.Tests", "this run is one"),
        ("dotnet tool install", "needs the internet"),
        ("dotnet add your.csproj", "Client/ReadmeTests refers to the project"),
        ("dotnet pack path/to/Radar.Client", "tried by hand; needs a build of its own"),
        ("dotnet build", "this run was built"),
        ("dotnet run --project Radar.AppHost -- --publisher manifest", "EndToEnd/ManifestTests"),
        ("dotnet run --project Radar.AppHost -- --operation publish", "EndToEnd/PublishTests, in a build with the packages"),
        ("export AspirePublishPackages=true", "the build of EndToEnd/PublishTests"),
        ("aspire publish", "the CLI starts what EndToEnd/PublishTests starts"),
        ("RADAR_WRITE_DOCS=1", "writes what ConfigurationDocumentTests compares"),
        ("aspire run", "EndToEnd starts the same project"),
        ("aspire describe", "the CLI's own"),
        ("aspire resource kafka ", "commands of Aspire's own"),
        ("cd $KAFKA_HOME", "SourcesDocumentTests sends and reads the same by a client"),
        ("bin/kafka-", "SourcesDocumentTests sends and reads the same by a client"),
        ("kafka-", "Kafka's own tools, tried by hand on Apache Kafka 4"),
        ("redis-cli", "Redis's own tool, tried by hand on Redis 7"),
        ("dotnet radar.cs keys", "KeysCommandTests"),
        ("cp deploy/.env.example", "Deploy/ComposeFileTests compares it with what is used"),
        ("docker compose", "Deploy/ComposeTests runs the file by the engine that is here"),
        ("docker build", "Deploy/ComposeTests builds the targets on what this build made"),
        ("docker run", "tried by hand with Podman"),
        ("dotnet publish", "tried by hand; needs a registry"),
        ("kubectl", "needs a cluster; Deploy/KubernetesTests reads what it applies"),
        ("cosign", "needs an image that was released"),
        ("gh attestation", "needs an image that was released"),
        ("curl -X POST", "Producer/Control tests call the endpoints"),
        ("curl http://127.0.0.1:8000/api/v2/tickers/BTC-USD", "SourcesDocumentTests"),
        ("curl 'http://127.0.0.1:8000/api/v2/bars/BTC-USD", "SourcesDocumentTests"),
        ("curl -s $CONSUMER/", "the health of a consumer, which its own tests read"),
    ];

    public static TheoryData<string> Documents() => [.. All()];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_of_a_document_leads_somewhere(string document)
    {
        string folder = Path.GetDirectoryName(Repository.File(document))!;
        foreach (Match link in Link().Matches(File.ReadAllText(Repository.File(document))))
        {
            string target = link.Groups[1].Value;
            if (target.StartsWith("http", StringComparison.Ordinal))
                continue;
            string[] parts = target.Split('#', 2);
            string path = parts[0].Length == 0 ? Repository.File(document) : Path.Combine(folder, parts[0]);
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{document}: {target} is not there.");
            if (parts.Length == 2)
                Assert.True(Anchors(path).Contains(parts[1]), $"{document}: {target} is no heading.");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_of_a_document_is_run_by_a_test_or_cannot_be(string document)
    {
        foreach (string command in Commands(document))
        {
            if (StandaloneArguments(command) is { } arguments)
                AssertAccepted(command, arguments);
            else if (ResourceCommand().Match(command) is { Success: true } match)
                AssertDefined(command, match.Groups[1].Value);
            else
                Assert.True(IsRequest(command) || Elsewhere.Any(known => command.StartsWith(known.Begins, StringComparison.Ordinal)),
                    $"{document}: {command}");
        }
    }

    [Fact]
    public async Task Every_request_of_a_document_is_answered()
    {
        string[] targets = [.. All().SelectMany(Commands).Where(IsRequest).Select(TargetOf).Distinct()];
        Assert.True(targets.Length >= 5, string.Join(", ", targets));
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("documents", 1);
        kafka.CreateTopic("documents.dlq", 1);
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            kafka, redis.Address, "documents", "--Kafka:TopicIdentity=documents", "--Producer:Source=synthetic", "--Kafka:Partitions=1");
        using HttpClient api = await path.StartApiAsync();
        await path.StartConsumerAsync();
        await path.StartAsync(Radar.Producer.ProducerService.Build, []);
        await Wait.UntilAsync(
            async () => (await api.GetAsync(new Uri("/api/v1/ticker/BTCUSDT", UriKind.Relative))).StatusCode == HttpStatusCode.OK,
            "a ticker");

        foreach (string target in targets)
        {
            using var answer = await api.GetAsync(new Uri(target, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            Assert.True(answer.IsSuccessStatusCode, $"{target}: {answer.StatusCode}");
        }
    }

    [Fact]
    public void Every_file_on_the_path_of_a_tick_exists()
    {
        string text = File.ReadAllText(Repository.File("docs/architecture.md"));
        text = text[text.IndexOf("## A tick", StringComparison.Ordinal)..text.IndexOf("## Floors", StringComparison.Ordinal)];
        var files = Directory.EnumerateFiles(Repository.Root, "*.*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))
            .ToHashSet();
        var named = Inline().Matches(text).Select(match => match.Groups[1].Value)
            .Where(name => !name.Contains(' ', StringComparison.Ordinal)).ToList();

        Assert.True(named.Count > 20);
        Assert.Empty(named.Select(name => name.Contains('.', StringComparison.Ordinal) ? name : name + ".cs").Except(files));
    }

    private static IEnumerable<string> All() => new[]
    {
        "Radar.Client/README.md", "Radar.Benchmarks/README.md",
    }.Concat(new[] { "", "docs" }.SelectMany(folder => Directory.EnumerateFiles(Repository.File(folder), "*.md"))
        .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')));

    /// <summary>Lines of code blocks, and of code in the text, that begin with a program.</summary>
    private static IEnumerable<string> Commands(string document)
    {
        string text = File.ReadAllText(Repository.File(document));
        var blocks = Block().Matches(text)
            .SelectMany(block => block.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'));
        var inline = Inline().Matches(Block().Replace(text, "")).Select(match => match.Groups[1].Value);
        return blocks.Concat(inline).Select(line => line.Split(" #")[0].Trim()).Where(line => Program().IsMatch(line));
    }

    private static string[]? StandaloneArguments(string command)
    {
        string? rest = new[] { "dotnet run --project Radar.Standalone -- ", "dotnet radar.cs up --standalone " }
            .Where(begin => command.StartsWith(begin, StringComparison.Ordinal)).Select(begin => command[begin.Length..]).FirstOrDefault();
        return rest?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(argument => argument != "--dashboard").ToArray();
    }

    private static void AssertAccepted(string command, string[] arguments)
    {
        using var errors = new StringWriter();
        var (options, _) = StandaloneCommand.Read(arguments, TextWriter.Null, errors);
        Assert.True(options is not null, $"{command}: {errors}");
    }

    private static void AssertDefined(string command, string name)
    {
        string template = $"\"{name.Split('-')[0]}-\" +"; // "stop-" + server
        Assert.True(
            Repository.Sources("Radar.AppHost").Select(File.ReadAllText)
                .Any(source => source.Contains($"\"{name}\"", StringComparison.Ordinal)
                    || source.Contains(template, StringComparison.Ordinal)),
            $"{command}: there is no command {name}.");
    }

    private static bool IsRequest(string command) => Request().IsMatch(command) && !command.Contains("BTC-USD", StringComparison.Ordinal);

    private static string TargetOf(string command) => Request().Match(command).Groups[1].Value;

    private static HashSet<string> Anchors(string path) =>
        [.. Heading().Matches(File.ReadAllText(path))
            .Select(match => NotInAnchor().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"^(dotnet|curl|aspire|redis-cli|bin/kafka|kafka-[a-z-]+\.sh|cd|npm|podman|docker|RADAR_WRITE_DOCS=1) ")]
    private static partial Regex Program();

    [GeneratedRegex(@"^aspire resource (?!kafka )\S+ ([a-z0-9-]+)")]
    private static partial Regex ResourceCommand();

    [GeneratedRegex(@"^curl (?:-[a-zA-Z] )?'?(?:http://127\.0\.0\.1:8000|\$API)(/[^\s']*)'?$")]
    private static partial Regex Request();

    [GeneratedRegex(@"^#+ (.+?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
