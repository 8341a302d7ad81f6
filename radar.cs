#!/usr/bin/env dotnet
// The task runner: `dotnet radar.cs up|test|bench|help`. It needs the .NET SDK and nothing else.
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
        ["test", .. var rest] => await TestAsync(rest),
        ["bench", .. var rest] => await BenchAsync(rest),
        [] or ["help" or "--help" or "-h" or "-?"] => Help(0),
        _ => Help(2),
    };
}
catch (OperationCanceledException)
{
    return 130; // stopped while something was being built, as a shell would say it
}

int Help(int exitCode)
{
    if (exitCode != 0)
        Console.Error.WriteLine($"There is no command {args[0]}.");
    (exitCode == 0 ? Console.Out : Console.Error).WriteLine(
        """
        dotnet radar.cs up [--standalone|--aspire] [options]
            Restores, builds and starts the path from producer to API, and prints its URLs. Ctrl+C ends everything.
            --standalone   one process with everything embedded; `up --standalone --help` lists its options
            --aspire       the AppHost with its dashboard; options are configuration, such as --Producer:Source=none
            Without either it takes the AppHost where its packages can be had, else Standalone, and says which and why.

        dotnet radar.cs test [options of `dotnet test`]
            Builds everything, runs all tests, and says what was skipped and what for, and what failed and where.

        dotnet radar.cs bench [names]
            Runs the benchmarks in Release. They need Apache Kafka (KAFKA_HOME, Java 17), redis-server and wrk.

        AspirePackages=true|false in the environment decides whether the parts that need Aspire's packages are built;
        without it they are where the packages can be restored.
        """);
    return exitCode;
}

async Task<int> UpAsync(string[] rest)
{
    string? forced = rest.FirstOrDefault(argument => argument is "--standalone" or "--aspire");
    rest = [.. rest.Where(argument => argument is not ("--standalone" or "--aspire"))];
    // The AppHost takes configuration only; any other option means Standalone.
    bool onlySettings = rest.All(argument => argument.Contains(':', StringComparison.Ordinal) && argument.StartsWith("--", StringComparison.Ordinal));
    (bool aspire, string why) = forced switch
    {
        "--standalone" => (false, "as asked"),
        "--aspire" => (true, "as asked"),
        _ when !onlySettings => (false, "the options are Standalone's"),
        _ => await AspireAsync(),
    };
    Console.WriteLine($"{(aspire ? "Aspire" : "Standalone")}: {why}.");
    if (forced == "--aspire" && (await AspireAsync(anew: true)) is { Available: false, Why: var reason })
    {
        Console.Error.WriteLine($"The AppHost needs the Aspire packages: {reason}. Without: dotnet radar.cs up --standalone");
        return 2;
    }

    string project = aspire ? "Radar.AppHost" : "Radar.Standalone";
    if (!await BuildAsync(project, "Release", aspire))
        return 1;
    return await RunBuiltAsync(project, "Release", aspire, rest, aspire ? AppHostEnvironment() : []);
}

async Task<int> TestAsync(string[] rest)
{
    var (aspire, why) = await AspireAsync();
    string? kafka = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : null;
    string? redis = OnPath("redis-server") ?? OnPath("valkey-server");
    Console.WriteLine($"Aspire packages    {(aspire ? "yes" : "no, the end-to-end tests are left out")}: {why}");
    Console.WriteLine($"Container engine   {(await AnswersAsync("docker", "info") || await AnswersAsync("podman", "info") ? "yes" : "no")}, no test needs one");
    string java = Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } javaHome ? Path.Combine(javaHome, "bin", "java") : "java";
    Console.WriteLine($"Apache Kafka       {(kafka is null ? "no: KAFKA_HOME is not set" : await AnswersAsync(java, "-version") ? kafka : $"no: {kafka} needs Java 17")}");
    Console.WriteLine($"redis-server       {redis ?? "no: not on the path"}");
    Console.WriteLine($"Chromium           {Environment.GetEnvironmentVariable("RADAR_CHROMIUM") ?? OnPath("chromium") ?? OnPath("google-chrome") ?? "no: neither chromium nor google-chrome on the path"}");
    if (!await BuildAsync("Radar.sln", "Debug", aspire))
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
    int exitCode = await RunAsync(Dotnet(), test, aspire);
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
        string Told(string what) => failed.Descendants().FirstOrDefault(element => element.Name.LocalName == what)?.Value ?? "";
        // The lines of the tests' own sources say where; the rest of the trace is above.
        var where = Told("StackTrace").Split('\n').Where(line => line.Contains(root, StringComparison.Ordinal)).Take(5);
        Console.WriteLine($"Failed, {(string?)failed.Attribute("testName")}:");
        foreach (string line in Told("Message").Split('\n').Take(20).Concat(where))
            Console.WriteLine($"  {line.TrimEnd()}");
    }

    if (exitCode != 0 && Count("Failed") == 0)
        Console.WriteLine("No test failed, but the run did not end as it should; its output is above.");
    Console.WriteLine($"{Count("Passed")} passed, {Count("Failed")} failed, {Count("NotExecuted")} skipped");
    return exitCode == 0 && Count("Passed") == 0 ? 1 : exitCode;
}

async Task<int> BenchAsync(string[] rest) =>
    await BuildAsync("Radar.Benchmarks", "Release", aspire: false)
        ? await RunBuiltAsync("Radar.Benchmarks", "Release", aspire: false, rest, [])
        : 1;

// Whether the parts that need Aspire's packages can be built here. A feed without them takes some seconds to say so, so that answer is
// remembered for a day; that no feed could be asked is not.
async Task<(bool Available, string Why)> AspireAsync(bool anew = false)
{
    string? said = Environment.GetEnvironmentVariable("AspirePackages");
    if (said is { Length: > 0 })
        return (said == "true", $"AspirePackages={said}");
    string remembered = Path.Combine(root, "artifacts", "no-aspire-packages");
    string version = XDocument.Load(Path.Combine(root, "Directory.Packages.props")).Descendants("AspireVersion").First().Value;
    if (!anew && File.Exists(remembered) && await File.ReadAllTextAsync(remembered) == version
        && File.GetLastWriteTimeUtc(remembered) > TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1))
        return (false, "the NuGet feed has no Aspire packages (remembered for a day; AspirePackages=true tries again)");
    string[] restore = ["restore", Path.Combine(root, "Radar.AppHost"), "--disable-build-servers"];
    var output = new ConcurrentQueue<string>();
    if (await RunAsync(Dotnet(), restore, aspire: true, output) == 0)
        return (true, "the NuGet feed has the Aspire packages");
    stop.Token.ThrowIfCancellationRequested();
    string[] missing = ["Unable to find package", "NU1101", "NU1102"];
    if (!output.Any(line => missing.Any(word => line.Contains(word, StringComparison.Ordinal))))
    {
        string error = output.FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? "no reason was given";
        return (false, $"the Aspire packages could not be restored ({error.Trim()})");
    }

    Directory.CreateDirectory(Path.GetDirectoryName(remembered)!);
    await File.WriteAllTextAsync(remembered, version);
    return (false, "the NuGet feed has no Aspire packages");
}

async Task<bool> BuildAsync(string what, string configuration, bool aspire)
{
    Console.WriteLine($"Building {what}, {configuration} ...");
    string[] build =
    [
        "build", Path.Combine(root, what), "--configuration", configuration, "--disable-build-servers", "--nologo",
        "--verbosity", "quiet",
    ];
    var output = new ConcurrentQueue<string>();
    if (await RunAsync(Dotnet(), build, aspire, output) == 0)
        return true;
    foreach (string line in output)
        Console.Error.WriteLine(line);
    return false;
}

// The program itself is started, without `dotnet run` between: a signal must reach it.
Task<int> RunBuiltAsync(string project, string configuration, bool aspire, string[] arguments, Dictionary<string, string> environment)
{
    string bin = Path.Combine(root, project, "bin", aspire ? "" : "plain", configuration, "net10.0", project + ".dll");
    return RunAsync(Dotnet(), ["exec", bin, .. arguments], aspire, environment: environment, directory: aspire ? Path.Combine(root, project) : null);
}

// What Visual Studio and Rider take from the launch profile, and a token for the dashboard's link.
Dictionary<string, string> AppHostEnvironment()
{
    string settings = File.ReadAllText(Path.Combine(root, "Radar.AppHost", "Properties", "launchSettings.json"));
    var profile = JsonDocument.Parse(settings).RootElement.GetProperty("profiles").GetProperty("http");
    var environment = profile.GetProperty("environmentVariables").EnumerateObject()
        .ToDictionary(variable => variable.Name, variable => variable.Value.GetString()!);
    string dashboard = profile.GetProperty("applicationUrl").GetString()!;
    environment["ASPNETCORE_URLS"] = dashboard;
    environment["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] = Guid.NewGuid().ToString("N");
    Console.WriteLine(
        $"""

        dashboard  {dashboard}/login?t={environment["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"]}
        docs       http://localhost:8000/docs
        try        curl http://localhost:8000/api/v1/ticker/BTCUSDT
        Ctrl+C ends everything.

        """);
    return environment;
}

// A container engine that hangs is one that does not answer.
async Task<bool> AnswersAsync(string program, string argument)
{
    if (OnPath(program) is not { } path)
        return false;
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
    return await RunAsync(path, [argument], aspire: false, output: [], patience: patience.Token) == 0;
}

// Its output goes to the console, or into a queue where one is given.
async Task<int> RunAsync(
    string program,
    string[] arguments,
    bool aspire,
    ConcurrentQueue<string>? output = null,
    Dictionary<string, string>? environment = null,
    string? directory = null,
    CancellationToken patience = default)
{
    stop.Token.ThrowIfCancellationRequested();
    bool keep = output is not null;
    var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = keep, RedirectStandardError = keep };
    if (directory is not null)
        info.WorkingDirectory = directory;
    info.Environment["AspirePackages"] = aspire ? "true" : "false";
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
    using var impatience = patience.Register(() => process.Kill(entireProcessTree: true));
    await process.WaitForExitAsync(CancellationToken.None); // in any case: nothing outlives this process
    return process.ExitCode;
}

static string Dotnet() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

static string? OnPath(string program) =>
    (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? program + ".exe" : program))
        .FirstOrDefault(File.Exists);

/// <summary>Ctrl+C and SIGTERM: the child is asked to end and waited for, so that nothing outlives this process.</summary>
internal sealed partial class Stopping : IDisposable
{
    private const int Terminate = 15;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    public Stopping() => _signals =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Ask))];

    public CancellationToken Token => _source.Token;

    public static void Ask(Process child)
    {
        try
        {
            // On Windows the console has told the child already.
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
