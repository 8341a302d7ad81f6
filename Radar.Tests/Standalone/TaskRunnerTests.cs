using System.Diagnostics;
using Radar.Standalone;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Standalone;

/// <summary>radar.cs as a person starts it. None of these builds anything: arguments are checked before.</summary>
public sealed class TaskRunnerTests
{
    [Theory]
    [InlineData("", "dotnet radar.cs test ")]
    [InlineData("-- --help", "dotnet radar.cs up ")]
    [InlineData("help up", "--symbol-count N")]
    [InlineData("-- up --standalone -h", "--kafka-home DIR")]
    [InlineData("-- bench --help", "dotnet radar.cs bench [names")]
    public async Task Help_is_its_own(string arguments, string expected)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public Task Command_that_does_not_exist_is_reported_with_the_nearest() =>
        AssertRefusedAsync("bnech", "There is no command bnech. Did you mean bench?");

    [Fact]
    public Task Mistakes_are_reported_before_anything_is_built() => AssertRefusedAsync(
        "up --nonsense=pa55 --sorce none --standalon --rate fast --speed --kafka localhost --redis --Producer:Sourec none "
            + "--Producer:Synthetic:Rate=-1 --Producer:Compression=lz5 --Kafka:Partitions 1.5 --Producr:Source=none Api:Foo=1 "
            + "--ApiReplica=2 --Radar:Name",
        "--nonsense: there is no such option.",
        "--sorce: there is no such option. Did you mean --source?",
        "--standalon: there is no such option. Did you mean --standalone?",
        "--rate fast: takes a number from 0 to 100000000.",
        "--speed needs a value.",
        "--kafka takes host:port, several separated by commas, such as localhost:9092.",
        "--redis needs a value.",
        "--ApiReplica: there is no such setting. Did you mean --ApiReplicas?",
        "--Producer:Sourec: there is no such setting. Did you mean Producer:Source?",
        "--Producer:Synthetic:Rate: -1 takes a number from 0 to 100000000.",
        "--Producer:Compression: lz5 takes one of none, gzip, snappy, lz4, zstd. Did you mean lz4?",
        "--Kafka:Partitions: 1.5 takes a whole number from 1 to 1024.",
        "--Producr:Source: there is no section Producr. Did you mean Producer?",
        "--Api:Foo: there is no such setting.",
        "--Radar:Name needs a value: --Radar:Name=… or --Radar:Name ….");

    [Fact]
    public Task Options_that_do_not_go_together_are_reported_before_anything_is_built() => AssertRefusedAsync(
        "up --Producer:Source kraken --standalone --path a --redis a:1 --redis-port 5 --ApiReplicas=2 --ConnectionStrings:redis a:1 stray",
        "--ApiReplicas is a setting of the AppHost (--aspire).",
        "--ConnectionStrings:redis: the address is the option --redis here.",
        "stray: there is no option or setting before it that takes it.",
        "--path is for replays; --source kraken reads no files. Leave one of them out.",
        "--source kraken needs --symbols, what to follow there.",
        "--redis is for a Redis that runs elsewhere; --redis-server and --redis-port start one here. Leave one of them out.");

    [Fact]
    public Task Option_beside_aspire_is_reported_before_anything_is_built() => AssertRefusedAsync(
        "up --aspire --rate 5",
        "--rate: the AppHost takes settings only, such as --Producer:Source=none; options are Standalone's (--standalone).");

    [Fact]
    public Task Mistake_in_a_setting_of_look_is_reported_before_anything_is_built() => AssertRefusedAsync(
        "look a.csv --Producer:Replay:Preest=x",
        "--Producer:Replay:Preest: there is no such setting. Did you mean Producer:Replay:Preset?");

    [Theory]
    [InlineData("up --standalone --aspire", "--standalone and --aspire: leave one of them out.")]
    [InlineData("up --standalone=true", "--standalone takes no value: give it or leave it out.")]
    [InlineData("up --Standalone", "--Standalone: there is no such setting. Did you mean --standalone?")]
    [InlineData("up --Producer__Source=none", "--Producer__Source: there is no such setting. On a command line it is --Producer:Source=….")]
    [InlineData("up Producer__Source=none", "Producer__Source: there is no such option. On a command line it is --Producer:Source=….")]
    [InlineData("up -Producer:Source none", "-Producer:Source: there is no such option. On a command line it is --Producer:Source=….")]
    [InlineData("keys lst", "There is no command keys lst. Did you mean list? There are list, create, rotate, retire, revoke.")]
    [InlineData("look", "look needs a file, a folder or a glob, such as: look trades.csv.gz")]
    public Task Mistake_in_any_place_is_reported_before_anything_is_built(string arguments, string expected) =>
        AssertRefusedAsync(arguments, expected);

    [Theory]
    [InlineData("look {0}", "{0} does not exist (looked for {0}).")]
    [InlineData("up --standalone --path {0} --kafka-home={0}",
        "--path {0} does not exist (looked for {0}).", "--kafka-home {0} does not exist (looked for {0}).")]
    public async Task File_that_does_not_exist_is_reported_before_anything_is_built(string arguments, params string[] expected)
    {
        string missing = Path.Combine(Path.GetTempPath(), "radar no such=file.csv");
        var (exitCode, output, errors) = await RunAsync(
            [.. arguments.Split(' ').Select(argument => argument.Replace("{0}", missing, StringComparison.Ordinal))]);

        Assert.Equal(2, exitCode);
        Assert.DoesNotContain("Building", output, StringComparison.Ordinal);
        Assert.Equal(
            expected.Select(line => line.Replace("{0}", missing, StringComparison.Ordinal)),
            errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).SkipLast(1).Select(line => line.TrimEnd()));
    }

    [Theory]
    [InlineData("--source none", "Standalone: the options are Standalone's.")]
    [InlineData("Producer:Source=none --Radar:Name x --Kafka:Topic=y", "AspirePackages=false")]
    [InlineData("--Producer:Source none --rate 5", "Standalone: the options are Standalone's.")]
    public async Task Settings_in_any_form_leave_the_choice_open_and_options_are_those_of_Standalone(string arguments, string expected)
    {
        var (exitCode, output, errors) = await RunAsync("up --check " + arguments);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    /// <summary>What the two refuse differs in words only where Standalone knows more.</summary>
    [Fact]
    public async Task Command_lines_that_Standalone_accepts_are_accepted_and_their_options_known()
    {
        string[] arguments =
        [
            "--urls", "http://127.0.0.1:0;http://[::1]:8001", "--source", "replay", "--path", "Producer:Source=none", "--path=b", "--speed",
            "1.5", "--loop", "--kafka", "a:1,SASL_SSL://b:2", "--redis", "redis://:pa55@c:3/0", "--topic", "t", "--group=g",
            "--partitions", "3", "--Kafka:Client:sasl.password", "p=q", "/Radar:Name", "x", "Producer:SymbolFormat={venue}:{symbol}",
        ];
        using var errors = new StringWriter();
        Assert.NotNull(StandaloneCommand.Read(arguments, TextWriter.Null, errors).Options);

        var (exitCode, _, refused) = await RunAsync(["up", "--standalone", "--check", .. arguments]);

        Assert.Equal((0, ""), (exitCode, refused));
    }

    private static async Task AssertRefusedAsync(string arguments, params string[] lines)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal(lines, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).SkipLast(1).Select(line => line.TrimEnd()));
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(string arguments) =>
        RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet", [Repository.File("radar.cs"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root,
        };
        info.Environment["AspirePackages"] = "false"; // the feed is not asked
        info.Environment["DOTNET_NOLOGO"] = "true";
        using var process = Process.Start(info)!;
        using var deadline = new CancellationTokenSource(Wait.Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            string errors = await process.StandardError.ReadToEndAsync(deadline.Token);
            string lines = await output;
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, lines, errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
