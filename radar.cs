#!/usr/bin/env dotnet
// The task runner: `dotnet radar.cs up|look|test|bench|help`. It needs the .NET SDK and nothing else.
#:property PublishAot=false
#:property UseSharedCompilation=false
#:property AllowUnsafeBlocks=true

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Xml.Linq;

string root = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using var stop = new Stopping();
try
{
    return args switch
    {
        ["up", .. var rest] => await UpAsync(rest),
        ["look", .. var rest] => await LookAsync(rest),
        ["test", .. var rest] => await TestAsync(rest),
        ["bench", .. var rest] => await BenchAsync(rest),
        [] or ["help" or "--help" or "-h" or "-?"] => Help(0),
        _ => Help(2),
    };
}
catch (OperationCanceledException)
{
    return 130; // stopped while something was being built, as in a shell
}

int Help(int exitCode)
{
    if (exitCode != 0)
        Console.Error.WriteLine($"There is no command {args[0]}.");
    (exitCode == 0 ? Console.Out : Console.Error).WriteLine(
        """
        dotnet radar.cs up [--standalone [--dashboard]|--aspire] [options]
            Restores, builds and starts the path from producer to API, and prints its URLs. Ctrl+C ends everything.
            --standalone   one process with everything embedded; `up --standalone --help` lists its options
            --dashboard    the Aspire dashboard beside it, for its traces, metrics and logs
            --aspire       the AppHost with its dashboard; options are configuration, such as --Producer:Source=none
            Without either it takes the AppHost where its packages can be had, else Standalone, and prints which and why.

        dotnet radar.cs look FILE... [settings of the replay, such as --Producer:Replay:Preset=databento]
            Shows how recordings would be read: format, columns, first ticks, what is left out and why. 1 where nothing would be.

        dotnet radar.cs test [options of `dotnet test`]
            Builds everything, runs all tests, and prints what was skipped, what it needs, and what failed where.

        dotnet radar.cs bench [names]
            Runs the benchmarks in Release. They need Apache Kafka (KAFKA_HOME, Java 17), redis-server and wrk.

        What is built depends on the packages that the NuGet feed has: everything; everything with code of Radar's own in the place
        of Aspire.Hosting.Kafka and Aspire.Confluent.Kafka; or all but the AppHost. AspireKafkaPackages=true|false and
        AspirePackages=true|false in the environment decide it instead.
        """);
    return exitCode;
}

async Task<int> UpAsync(string[] rest)
{
    string? forced = rest.FirstOrDefault(argument => argument is "--standalone" or "--aspire");
    bool dashboard = rest.Contains("--dashboard");
    rest = [.. rest.Where(argument => argument is not ("--standalone" or "--aspire" or "--dashboard"))];
    // The AppHost takes configuration only, such as --Producer:Source=none or --ApiReplicas=2; any other option means Standalone.
    bool onlySettings = rest.All(argument => argument.StartsWith("--", StringComparison.Ordinal) && argument.Length > 2
        && char.IsUpper(argument[2]));
    (Packages packages, string why) = forced switch
    {
        "--standalone" => (Packages.Plain, "as asked"),
        null when dashboard => (Packages.Plain, "the AppHost has its dashboard anyway"),
        "--aspire" => await FindPackagesAsync(again: true),
        _ when !onlySettings => (Packages.Plain, "the options are Standalone's"),
        _ => await FindPackagesAsync(),
    };
    bool aspire = packages != Packages.Plain;
    if (forced == "--aspire" && !aspire)
    {
        Console.Error.WriteLine($"The AppHost needs the Aspire packages: {why}. Without: dotnet radar.cs up --standalone");
        return 2;
    }

    Console.WriteLine($"{(aspire ? "Aspire" : "Standalone")}: {why}.");
    string project = aspire ? "Radar.AppHost" : "Radar.Standalone";
    if (!await BuildAsync(project, "Release", packages))
        return 1;
    if (!aspire && !dashboard)
        return await RunBuiltAsync(project, "Release", packages, rest, []);
    if (!aspire)
        return await BesideDashboardAsync(environment => RunBuiltAsync(project, "Release", packages, rest, environment));
    Descendants.Adopt();
    int exitCode = await RunBuiltAsync(project, "Release", packages, rest, AppHostEnvironment());
    await Descendants.WaitAsync();
    return exitCode;
}

// The dashboard as a process of its own; the services send it their telemetry.
async Task<int> BesideDashboardAsync(Func<Dictionary<string, string>, Task<int>> run)
{
    const string Page = "http://localhost:15888";
    const string Otlp = "http://localhost:19100";
    if (await FindDashboardAsync() is not { } program)
    {
        Console.Error.WriteLine("The NuGet feed has no dashboard for this machine: leave --dashboard out.");
        return 2;
    }

    var settings = new Dictionary<string, string>
    {
        ["ASPNETCORE_URLS"] = Page,
        ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Otlp,
        ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true", // it listens on this machine only
        ["DASHBOARD__OTLP__SUPPRESSUNSECUREDTELEMETRYMESSAGE"] = "true",
        ["DASHBOARD__API__DISABLED"] = "true", // unused here, and it would be open to every program
        ["Logging__LogLevel__Default"] = "Error",
    };
    Console.WriteLine($"dashboard  {Page}");
    using var ended = new CancellationTokenSource();
    var beside = RunAsync(program, [], Packages.Plain, environment: settings, timeout: ended.Token);
    try
    {
        return await run(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Otlp });
    }
    finally
    {
        await ended.CancelAsync();
        await beside;
    }
}

// The package comes with the AppHost's restore.
async Task<string?> FindDashboardAsync()
{
    if ((await FindPackagesAsync()).Found == Packages.Plain)
        return null;
    var output = new ConcurrentQueue<string>();
    await RunAsync(Dotnet(), ["nuget", "locals", "global-packages", "--list", "--force-english-output"], Packages.Plain, output);
    string? packages = output.FirstOrDefault(
        line => line.StartsWith("global-packages: ", StringComparison.Ordinal))?["global-packages: ".Length..];
    string version = AspireVersion();
    string folder = Path.Combine(packages ?? "", $"aspire.dashboard.sdk.{RuntimeInformation.RuntimeIdentifier}", version, "tools");
    string program = Path.Combine(folder, OperatingSystem.IsWindows() ? "Aspire.Dashboard.exe" : "Aspire.Dashboard");
    return File.Exists(program) ? program : null;
}

string AspireVersion() =>
    XDocument.Load(Path.Combine(root, "Directory.Packages.props")).Descendants("AspireVersion").First().Value;

async Task<int> TestAsync(string[] rest)
{
    var (packages, why) = await FindPackagesAsync();
    string? kafka = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : null;
    string? redis = OnPath("redis-server") ?? OnPath("valkey-server");
    Console.WriteLine($"Aspire packages    {(packages == Packages.Plain ? "no, the end-to-end tests are left out" : "yes")}: {why}");
    bool engine = await AnswersAsync("docker", "info") || await AnswersAsync("podman", "info");
    Console.WriteLine($"Container engine   {(engine ? "yes" : "no: no test runs on containers")}");
    string java = Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } javaHome ? Path.Combine(javaHome, "bin", "java")
        : "java";
    string broker = kafka is null ? "no: KAFKA_HOME is not set"
        : await AnswersAsync(java, "-version") ? kafka
        : $"no: {kafka} needs Java 17";
    Console.WriteLine($"Apache Kafka       {broker}");
    Console.WriteLine($"redis-server       {redis ?? "no: not on the path"}");
    string? chromium = Environment.GetEnvironmentVariable("RADAR_CHROMIUM") ?? OnPath("chromium") ?? OnPath("google-chrome");
    Console.WriteLine($"Chromium           {chromium ?? "no: neither chromium nor google-chrome on the path"}");
    if (!await BuildAsync("Radar.sln", "Debug", packages))
        return 1;

    string results = Path.Combine(root, "artifacts", "test-results");
    string report = Path.Combine(results, "tests.trx");
    Directory.CreateDirectory(results);
    File.Delete(report);
    string[] test =
    [
        "test", Path.Combine(root, "Radar.Tests"), "--no-build", "--results-directory", results,
        "--logger", "trx;LogFileName=tests.trx", "--logger", "console;verbosity=normal", .. rest,
    ];
    int exitCode = await RunAsync(Dotnet(), test, packages);
    if (!File.Exists(report))
    {
        Console.WriteLine("No test ran.");
        Console.WriteLine("0 passed, 0 failed, 0 skipped");
        return exitCode == 0 ? 1 : exitCode;
    }

    var outcomes = XDocument.Load(report).Descendants().Where(element => element.Name.LocalName == "UnitTestResult").ToList();
    int Count(string outcome) => outcomes.Count(result => (string?)result.Attribute("outcome") == outcome);
    var skipped = outcomes.Where(result => (string?)result.Attribute("outcome") == "NotExecuted")
        .GroupBy(result => result.Descendants().FirstOrDefault(element => element.Name.LocalName == "Message")?.Value ?? "no reason given")
        .ToList();
    foreach (var reason in skipped)
    {
        Console.WriteLine($"Skipped, {reason.Key}:");
        foreach (var result in reason)
            Console.WriteLine($"  {(string?)result.Attribute("testName")}");
    }

    foreach (var failed in outcomes.Where(result => (string?)result.Attribute("outcome") == "Failed"))
    {
        string TextOf(string name) => failed.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
        // The lines of the tests' own sources show where; the rest of the trace is above.
        var where = TextOf("StackTrace").Split('\n').Where(line => line.Contains(root, StringComparison.Ordinal)).Take(5);
        Console.WriteLine($"Failed, {(string?)failed.Attribute("testName")}:");
        foreach (string line in TextOf("Message").Split('\n').Take(20).Concat(where))
            Console.WriteLine($"  {line.TrimEnd()}");
    }

    if (exitCode != 0 && Count("Failed") == 0)
        Console.WriteLine("No test failed, but the run did not end as it should; its output is above.");
    Console.WriteLine($"{Count("Passed")} passed, {Count("Failed")} failed, {Count("NotExecuted")} skipped");
    return exitCode == 0 && Count("Passed") == 0 ? 1 : exitCode;
}

async Task<int> LookAsync(string[] rest) =>
    await BuildAsync("Radar.Producer", "Release", Packages.Plain)
        ? await RunBuiltAsync("Radar.Producer", "Release", Packages.Plain, ["look", .. rest], [])
        : 1;

async Task<int> BenchAsync(string[] rest) =>
    await BuildAsync("Radar.Benchmarks", "Release", Packages.Plain)
        ? await RunBuiltAsync("Radar.Benchmarks", "Release", Packages.Plain, rest, [])
        : 1;

// Which packages the NuGet feed has. A feed that lacks some takes seconds to answer, so its answer is kept for a day; that no feed
// answered is not.
async Task<(Packages Found, string Why)> FindPackagesAsync(bool again = false)
{
    string[] variables = ["AspirePackages", "AspireKafkaPackages"];
    string[] given = [.. variables.Select(variable => Environment.GetEnvironmentVariable(variable) ?? "")];
    if (given[0] == "false")
        return (Packages.Plain, "AspirePackages=false");
    if (given[1] is "true" or "false")
        return (given[1] == "true" ? Packages.Full : Packages.WithoutKafka, $"AspireKafkaPackages={given[1]}");
    if (given[0] == "true")
        return (Packages.Full, "AspirePackages=true");

    string kept = Path.Combine(root, "artifacts", "nuget-feed");
    string version = AspireVersion();
    if (!again && File.Exists(kept) && File.GetLastWriteTimeUtc(kept) > TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1)
        && (await File.ReadAllTextAsync(kept)).Split(' ') is [var keptVersion, var name] && keptVersion == version
        && Enum.TryParse(name, out Packages before))
        return (before, Reason(before) + " (asked less than a day ago; delete artifacts/nuget-feed to ask again)");

    string lastLine = "";
    foreach (var candidate in new[] { Packages.Full, Packages.WithoutKafka })
    {
        string[] restore = ["restore", Path.Combine(root, "Radar.AppHost"), "--disable-build-servers"];
        var output = new ConcurrentQueue<string>();
        if (await RunAsync(Dotnet(), restore, candidate, output) == 0)
            return await KeepAsync(candidate);
        stop.Token.ThrowIfCancellationRequested();
        lastLine = output.FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))?.Trim() ?? "no reason was given";
        string[] missing = ["RADAR00", "Unable to find package", "NU1101", "NU1102"];
        if (!output.Any(line => missing.Any(word => line.Contains(word, StringComparison.Ordinal))))
            return (Packages.Plain, $"the Aspire packages could not be restored ({lastLine})");
        if (!output.Any(line => line.Contains("RADAR001", StringComparison.Ordinal)))
            break;
    }

    return await KeepAsync(Packages.Plain);

    async Task<(Packages, string)> KeepAsync(Packages found)
    {
        // A feed that has everything answers a restore at once.
        if (found != Packages.Full)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            await File.WriteAllTextAsync(kept, $"{version} {found}");
        }

        return (found, Reason(found));
    }

    static string Reason(Packages packages) => packages switch
    {
        Packages.Full => "the NuGet feed has the Aspire packages",
        Packages.WithoutKafka => "the NuGet feed has the Aspire packages but for the two about Kafka, which code of Radar's own replaces",
        _ => "the NuGet feed has no Aspire packages",
    };
}

async Task<bool> BuildAsync(string what, string configuration, Packages packages)
{
    Console.WriteLine($"Building {what}, {configuration} ...");
    string[] build =
    [
        "build", Path.Combine(root, what), "--configuration", configuration, "--disable-build-servers", "--nologo",
        "--verbosity", "quiet",
    ];
    var output = new ConcurrentQueue<string>();
    if (await RunAsync(Dotnet(), build, packages, output) == 0)
        return true;
    foreach (string line in output)
        Console.Error.WriteLine(line);
    return false;
}

// The program itself is started, without `dotnet run` between: a signal must reach it.
Task<int> RunBuiltAsync(string project, string configuration, Packages packages, string[] arguments, Dictionary<string, string> environment)
{
    bool aspire = packages != Packages.Plain;
    string bin = Path.Combine(root, project, "bin", aspire ? "" : "plain", configuration, "net10.0", project + ".dll");
    return RunAsync(Dotnet(), ["exec", bin, .. arguments], packages, environment: environment, directory: aspire
        ? Path.Combine(root, project) : null);
}

// What Visual Studio and Rider take from the launch profile. The AppHost prints the dashboard's link when the dashboard answers.
Dictionary<string, string> AppHostEnvironment()
{
    string settings = File.ReadAllText(Path.Combine(root, "Radar.AppHost", "Properties", "launchSettings.json"));
    var profile = JsonDocument.Parse(settings).RootElement.GetProperty("profiles").GetProperty("http");
    var environment = profile.GetProperty("environmentVariables").EnumerateObject()
        .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!);
    environment["ASPNETCORE_URLS"] = profile.GetProperty("applicationUrl").GetString()!;
    Console.WriteLine(
        """

        page    http://localhost:8000/
        docs    http://localhost:8000/docs
        try     curl http://localhost:8000/api/v1/ticker/BTCUSDT
        Ctrl+C ends everything. The dashboard's link follows when the dashboard answers.

        """);
    return environment;
}

// A container engine that hangs is one that does not answer.
async Task<bool> AnswersAsync(string program, string argument)
{
    if (OnPath(program) is not { } path)
        return false;
    using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
    return await RunAsync(path, [argument], Packages.Plain, output: [], timeout: timeout.Token) == 0;
}

// Its output goes to the console, or into a queue where one is given.
async Task<int> RunAsync(
    string program,
    string[] arguments,
    Packages packages,
    ConcurrentQueue<string>? output = null,
    Dictionary<string, string>? environment = null,
    string? directory = null,
    CancellationToken timeout = default)
{
    stop.Token.ThrowIfCancellationRequested();
    bool keep = output is not null;
    var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = keep, RedirectStandardError = keep };
    if (directory is not null)
        info.WorkingDirectory = directory;
    info.Environment["AspirePackages"] = packages == Packages.Plain ? "false" : "true";
    info.Environment["AspireKafkaPackages"] = packages == Packages.Full ? "true" : "false";
    info.Environment["DOTNET_NOLOGO"] = "true";
    info.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // nothing stays behind
    foreach (var (name, value) in environment ?? [])
        info.Environment[name] = value;
    using var process = Process.Start(info)!;
    if (keep)
    {
        process.OutputDataReceived += (_, line) => output!.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output!.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    using var forwarding = stop.Token.Register(() => Stopping.Ask(process));
    using var killOnTimeout = timeout.Register(() => process.Kill(entireProcessTree: true));
    await process.WaitForExitAsync(CancellationToken.None); // in any case: nothing outlives this process
    return process.ExitCode;
}

static string Dotnet() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

static string? OnPath(string program) =>
    (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);

/// <summary>What the NuGet feed has of Aspire's packages, and so which of the three builds this machine can make.</summary>
internal enum Packages
{
    Full,
    WithoutKafka,
    Plain,
}

/// <summary>
/// The orchestrator's processes outlive the AppHost that started them by a second or two. On Linux they become children of this process
/// and can be waited for; elsewhere they end by themselves.
/// </summary>
internal static partial class Descendants
{
    private const int SetChildSubreaper = 36; // prctl(2)
    private const int NoHang = 1; // waitpid(2)
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static void Adopt()
    {
        if (OperatingSystem.IsLinux())
            _ = Control(SetChildSubreaper, 1, 0, 0, 0);
    }

    public static async Task WaitAsync()
    {
        if (!OperatingSystem.IsLinux())
            return;
        long begin = TimeProvider.System.GetTimestamp();
        // Zero: children are left, none has ended. Negative: there are none.
        for (int ended = 0; ended >= 0; ended = WaitFor(-1, 0, NoHang))
        {
            if (TimeProvider.System.GetElapsedTime(begin) > Limit)
            {
                Console.Error.WriteLine("Processes that the AppHost started still run: see `ps -ef` for dcp.");
                return;
            }

            if (ended == 0)
                await Task.Delay(Pause, TimeProvider.System);
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitFor(int process, nint status, int options);
}

/// <summary>Ctrl+C and SIGTERM: the child is asked to end and waited for, so that nothing outlives this process.</summary>
internal sealed partial class Stopping : IDisposable
{
    private const int Terminate = 15;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    public Stopping() => _signals =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(
            signal => PosixSignalRegistration.Create(signal, Ask))];

    public CancellationToken Token => _source.Token;

    public static void Ask(Process child)
    {
        try
        {
            // On Windows the console has signalled the child already.
            if (!OperatingSystem.IsWindows())
                _ = Kill(child.Id, Terminate);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _source.Dispose();
    }

    private void Ask(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _source.Cancel();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
