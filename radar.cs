#!/usr/bin/env -S dotnet --
// The task runner: `dotnet radar.cs up|look|keys|test|bench|help`. It needs the .NET SDK and nothing else. `--help` is dotnet's own where
// it is given to `dotnet radar.cs`; `dotnet -- radar.cs --help`, and so the first line, hands it on.
#:property PublishAot=false
#:property UseSharedCompilation=false
#:property AllowUnsafeBlocks=true

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

string root = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using var stop = new Stopping();
try
{
    return args switch
    {
        [] or ["help"] or [Help.Asked] or ["-h" or "-?"] => Help.Write(Console.Out, null),
        ["help", var command, ..] when Help.Has(command) => WriteHelp(command),
        ["help", var command, ..] => NoCommand(command),
        [var command, .. var rest] when Help.Has(command) && AsksForHelp(rest) => WriteHelp(command),
        ["up", .. var rest] => await UpAsync(rest),
        ["look", .. var rest] => await LookAsync(rest),
        ["keys", .. var rest] => await KeysAsync(rest),
        ["test", .. var rest] => await TestAsync(rest),
        ["bench", .. var rest] => await BenchAsync(rest),
        [var command, ..] => NoCommand(command),
    };
}
catch (OperationCanceledException)
{
    return 130; // stopped while something was being built, as in a shell
}

static bool AsksForHelp(string[] rest) =>
    rest.TakeWhile(argument => argument != "--").Any(argument => argument is Help.Asked or "-h" or "-?");

int WriteHelp(string command)
{
    Help.Write(Console.Out, command);
    if (command == "up")
        ArgumentTable.Load(root).WriteOptions(Console.Out);
    return 0;
}

static int NoCommand(string command)
{
    string name = string.IsNullOrWhiteSpace(command) ? "without a name" : Spelling.Shown(command);
    Console.Error.WriteLine($"There is no command {name}.{Spelling.Hint(command, Help.Commands)}");
    Console.Error.WriteLine($"Commands are {string.Join(", ", Help.Commands)}; `dotnet radar.cs help` shows what they do.");
    return 2;
}

async Task<int> UpAsync(string[] rest)
{
    if (Help.OwnFault(rest) is { } ownFault)
        return Refuse([ownFault]);
    string? forced = rest.FirstOrDefault(argument => argument is "--standalone" or "--aspire");
    bool dashboard = rest.Contains("--dashboard");
    bool checkOnly = rest.Contains("--check");
    var table = ArgumentTable.Load(root);
    var typed = table.Read([.. rest.Where(argument => !Help.OwnOptions.Contains(argument))]);
    var faults = typed.Faults(forced == "--aspire" ? Target.AppHost
        : forced == "--standalone" || dashboard || typed.Options.Count > 0 ? Target.Standalone : Target.Either);
    if (faults.Count > 0)
        return Refuse(faults);

    // The AppHost takes configuration only, such as --Producer:Source=none or --ApiReplicas=2; any other option means Standalone.
    (Packages packages, string why) = forced switch
    {
        "--standalone" => (Packages.Plain, "as asked"),
        null when dashboard => (Packages.Plain, "the AppHost has its dashboard anyway"),
        null when typed.Options.Count > 0 => (Packages.Plain, "the options are Standalone's"),
        _ => await FindPackagesAsync(again: forced == "--aspire"),
    };
    bool aspire = packages != Packages.Plain;
    if (forced == "--aspire" && !aspire)
    {
        Console.Error.WriteLine($"The AppHost needs the Aspire packages: {why}. Without: dotnet radar.cs up --standalone");
        return 2;
    }

    Console.WriteLine($"{(aspire ? "Aspire" : "Standalone")}: {why}.");
    if (!aspire && typed.Faults(Target.Standalone) is { Count: > 0 } others)
        return Refuse(others);
    if (checkOnly)
        return 0;
    if (!aspire && typed.MissingFiles() is { Count: > 0 } missing)
        return Refuse(missing);
    string project = aspire ? "Radar.AppHost" : "Radar.Standalone";
    if (!await BuildAsync(project, "Release", packages))
        return 1;
    if (!aspire && !dashboard)
        return await RunBuiltAsync(project, "Release", packages, typed.Arguments, []);
    if (!aspire)
        return await BesideDashboardAsync(environment => RunBuiltAsync(project, "Release", packages, typed.Arguments, environment));
    Descendants.Adopt();
    using var ended = new CancellationTokenSource();
    var trying = ShowExampleAsync("http://localhost:8000", ended.Token);
    int exitCode = await RunBuiltAsync(project, "Release", packages, typed.Arguments, AppHostEnvironment());
    await ended.CancelAsync();
    await trying;
    await Descendants.WaitAsync();
    return exitCode;
}

// Prints how to ask for a symbol, once the API has one.
async Task ShowExampleAsync(string api, CancellationToken ended)
{
    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
    while (!ended.IsCancellationRequested && !stop.Token.IsCancellationRequested)
    {
        try
        {
            using var answer = JsonDocument.Parse(await client.GetStringAsync($"{api}/api/v2/tickers?limit=1", ended));
            if (answer.RootElement.GetProperty("tickers").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } ticker)
            {
                string symbol = Uri.EscapeDataString(ticker.GetProperty("symbol").GetString()!);
                Console.WriteLine($"try     curl {api}/api/v1/ticker/{symbol}");
                return;
            }
        }
        catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            Console.WriteLine($"try     curl -H 'Authorization: Bearer …' {api}/api/v2/symbols  (a key or token: docs/security.md)");
            return;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or KeyNotFoundException)
        {
            // It has not started yet.
        }

        await Task.Delay(1000, ended).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}

static int Refuse(IReadOnlyList<string> faults, string command = "up")
{
    foreach (string fault in faults)
        Console.Error.WriteLine(fault);
    Console.Error.WriteLine($"`dotnet radar.cs help {command}` {(command == "up" ? "lists all options" : "shows what it takes")}.");
    return 2;
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

async Task<int> LookAsync(string[] rest)
{
    var typed = ArgumentTable.Load(root).Read(rest);
    List<string> faults = [.. typed.Faults(Target.Look)];
    if (faults.Count == 0)
        faults.AddRange(typed.MissingFiles());
    if (faults.Count == 0 && typed.Others.Count == 0 && !typed.Holds("Producer:Replay:Paths"))
        faults.Add("look needs a file, a folder or a glob, such as: look trades.csv.gz");
    if (faults.Count > 0)
        return Refuse(faults, "look");
    return await BuildAsync("Radar.Producer", "Release", Packages.Plain)
        ? await RunBuiltAsync("Radar.Producer", "Release", Packages.Plain, ["look", .. rest], [])
        : 1;
}

// The command itself checks what belongs to its verb, and says what it takes.
async Task<int> KeysAsync(string[] rest)
{
    if (rest is [var verb, ..] && !Help.KeyVerbs.Contains(verb))
    {
        return Refuse(
            [$"There is no command keys {Spelling.Shown(verb)}.{Spelling.Hint(verb, Help.KeyVerbs)} "
                + $"There are {string.Join(", ", Help.KeyVerbs)}."], "keys");
    }

    return await BuildAsync("Radar.Api", "Release", Packages.Plain)
        ? await RunBuiltAsync("Radar.Api", "Release", Packages.Plain, ["keys", .. rest], [])
        : 1;
}

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
        // Asked for, so it is not built without; what is missing for it is in the line.
        if (output.FirstOrDefault(line => line.Contains("RADAR003", StringComparison.Ordinal)) is { } publish)
            return (Packages.Plain, publish.Trim());
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

/// <summary>What `help` shows.</summary>
internal static class Help
{
    public const string Asked = "--help";

    public static readonly string[] Commands = ["up", "look", "keys", "test", "bench", "help"];

    public static readonly string[] KeyVerbs = ["list", "create", "rotate", "retire", "revoke"];

    /// <summary>Options of `up` that are the task runner's.</summary>
    public static readonly string[] OwnOptions = ["--standalone", "--aspire", "--dashboard", "--check"];

    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["up"] = """
            dotnet radar.cs up [--standalone [--dashboard]|--aspire] [--check] [options] [settings]
                Restores, builds and starts the path from producer to API, and prints its URLs. Ctrl+C ends everything.
                --standalone   one process with everything embedded, which has options of its own: `dotnet radar.cs help up`
                --dashboard    the Aspire dashboard beside it, for its traces, metrics and logs
                --aspire       the AppHost with its dashboard; it takes settings only
                --check        only checks what was typed and prints what would be started
                Settings are those of the services, anywhere on the line: --Producer:Source=none or --Producer:Source none
                (docs/configuration.md). Without --standalone and --aspire it takes the AppHost where its packages can be had and no
                option is Standalone's, else Standalone, and prints which and why.
            """,
        ["look"] = """
            dotnet radar.cs look FILE... [settings of the replay, such as --Producer:Replay:Preset=databento]
                Shows how recordings would be read: format, columns, first ticks, what is left out and why. 1 where nothing would be.
            """,
        ["keys"] = """
            dotnet radar.cs keys list|create|rotate|retire|revoke … --ConnectionStrings:redis=host:port
                Makes and revokes keys of the API, for Auth:Mode=keys; `dotnet radar.cs keys` shows how (docs/security.md).
            """,
        ["test"] = """
            dotnet radar.cs test [options of `dotnet test`]
                Builds everything, runs all tests, and prints what was skipped, what it needs, and what failed where.
            """,
        ["bench"] = """
            dotnet radar.cs bench [names]
                Runs the benchmarks in Release. They need Apache Kafka (KAFKA_HOME, Java 17), redis-server and wrk.
            """,
        ["help"] = """
            dotnet radar.cs help [command]
                Shows this. `dotnet radar.cs --help` is answered by dotnet itself: its -- ends its own options, as in
                `dotnet radar.cs -- --help` and `dotnet radar.cs up -- --help`. On Linux and macOS `./radar.cs --help` does the same.
            """,
    };

    /// <summary>What is wrong with the task runner's own options; null is nothing.</summary>
    public static string? OwnFault(string[] arguments)
    {
        string? assigned = arguments.Where(argument => argument.Contains('=')).Select(argument => argument.Split('=')[0])
            .FirstOrDefault(OwnOptions.Contains);
        return assigned is not null ? $"{assigned} takes no value: give it or leave it out."
            : arguments.Contains("--standalone") && arguments.Contains("--aspire") ? "--standalone and --aspire: leave one of them out."
            : null;
    }

    public static bool Has(string command) => Texts.ContainsKey(command);

    /// <summary>Writes the help of a command, or of all.</summary>
    public static int Write(TextWriter output, string? command)
    {
        output.WriteLine(command is null ? string.Join("\n\n", Commands.Select(name => Texts[name])) : Texts[command]);
        if (command is null)
        {
            output.WriteLine(
                """

                What is built depends on the packages that the NuGet feed has: everything; everything with code of Radar's own in the place
                of Aspire.Hosting.Kafka and Aspire.Confluent.Kafka; or all but the AppHost. AspireKafkaPackages=true|false and
                AspirePackages=true|false in the environment decide it instead. AspirePublishPackages=true adds what publishing needs
                (docs/aspire.md); nothing else does.
                """);
        }

        return 0;
    }
}

/// <summary>What takes the arguments.</summary>
internal enum Target
{
    Either,
    AppHost,
    Standalone,
    Look,
}

/// <summary>
/// Options, settings and their values, from build/arguments.json, which the tests make from the programs: what is wrong is known before
/// anything is built.
/// </summary>
internal sealed class ArgumentTable(JsonElement table)
{
    public Dictionary<string, JsonElement> Options { get; } =
        table.GetProperty("options").EnumerateArray().ToDictionary(option => option.GetProperty("name").GetString()!);

    public Dictionary<string, JsonElement> Settings { get; } = table.GetProperty("settings").EnumerateObject()
        .ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<JsonElement> Rules => table.GetProperty("rules").EnumerateArray();

    public string[] Sections { get; } = Texts(table, "sections");

    public string[] AppHost { get; } = Texts(table, "appHost");

    public static ArgumentTable Load(string root) =>
        new(JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "build", "arguments.json"))).RootElement);

    public static string[] Texts(JsonElement json, string name) =>
        json.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(text => text.GetString()!)] : [];

    public static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString() : null;

    public static bool Is(JsonElement json, string name) => json.TryGetProperty(name, out var flag) && flag.GetBoolean();

    /// <summary>Separates settings, options and other arguments, as Standalone and .NET's configuration do.</summary>
    public TypedArguments Read(string[] arguments)
    {
        var typed = new TypedArguments(this);
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            string name = argument.Split('=')[0];
            bool hasNext = i + 1 < arguments.Length && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            string? next = hasNext ? arguments[i + 1] : null;
            bool isAssigned = name.Length < argument.Length;
            string? value = isAssigned ? argument[(name.Length + 1)..] : next;
            if (Regex.IsMatch(name, @"^(--|/)?\w+(:[\w.-]+)+$") && (isAssigned || name[0] is '-' or '/'))
                typed.Settings.Add((name.TrimStart('-', '/'), value));
            else if (Regex.IsMatch(name, "^--[A-Z]"))
                typed.AppHost.Add((name[2..], value));
            else if (name.StartsWith('-'))
                typed.Options.Add((name, Options.TryGetValue(name, out var option) && Is(option, "flag") && !isAssigned ? "true" : value));
            else
            {
                typed.Others.Add(argument);
                continue;
            }

            if (isAssigned || next is null || (name.StartsWith('-') && Options.TryGetValue(name, out var flag) && Is(flag, "flag")))
                continue;
            i++;
        }

        return typed;
    }

    /// <summary>Lists Standalone's options.</summary>
    public void WriteOptions(TextWriter output)
    {
        output.WriteLine("\nOptions of Standalone:");
        foreach (var (name, option) in Options)
        {
            string label = $"{name} {Text(option, "value")}";
            foreach (string line in Wrapped(Text(option, "text")!, 112))
            {
                output.WriteLine($"    {label,-24}{line}");
                label = "";
            }
        }
    }

    private static IEnumerable<string> Wrapped(string text, int width)
    {
        while (text.Length > width && text.LastIndexOf(' ', width) is > 0 and var end)
        {
            yield return text[..end];
            text = text[(end + 1)..];
        }

        yield return text;
    }
}

/// <summary>A command line that was read; values are null where they are missing.</summary>
internal sealed class TypedArguments(ArgumentTable table)
{
    public List<(string Name, string? Value)> Options { get; } = [];

    public List<(string Name, string? Value)> Settings { get; } = [];

    public List<(string Name, string? Value)> AppHost { get; } = [];

    public List<string> Others { get; } = [];

    /// <summary>As the programs get them.</summary>
    public string[] Arguments =>
    [
        .. Options.Select(option => $"{option.Name}={option.Value}"),
        .. AppHost.Concat(Settings).Select(setting => $"--{setting.Name}={setting.Value}"),
    ];

    /// <summary>What is wrong for a target, one sentence each. Values of secrets are not repeated.</summary>
    public IReadOnlyList<string> Faults(Target target) => [.. FaultsFor(target).Distinct()];

    private IEnumerable<string> FaultsFor(Target target)
    {
        foreach (var (name, value) in Options)
        {
            if (target is Target.AppHost or Target.Look)
                yield return Misplaced(name, target);
            else if (OptionFault(name, value) is { } fault)
                yield return fault;
        }

        foreach (var (name, value) in AppHost)
        {
            if (AppHostFault(name, value, target) is { } fault)
                yield return fault;
        }

        foreach (var (name, value) in Settings)
        {
            if (SettingFault(name, value, target) is { } fault)
                yield return fault;
        }

        // Files are what `look` takes.
        var others = (target == Target.Look ? [] : Others).ToLookup(other => Environmental(other.Split('=')[0]));
        foreach (var hinted in others.Where(hinted => hinted.Key.Length > 0))
        {
            foreach (string other in hinted.Distinct())
                yield return $"{other.Split('=')[0]}: there is no such option.{hinted.Key}";
        }

        foreach (string other in others[""].Where(other => !Spelling.MayBeSecret(other)))
            yield return $"{Spelling.Shown(other)}: there is no option or setting before it that takes it.";
        if (others[""].Any(Spelling.MayBeSecret))
            yield return "The line has text that is no value of an option or setting.";
        if (target is Target.Standalone && Options.TrueForAll(option => table.Options.ContainsKey(option.Name)))
        {
            foreach (var rule in table.Rules.Where(IsBroken))
                yield return ArgumentTable.Text(rule, "fault")!.Replace("{source}", Source(), StringComparison.Ordinal);
        }
    }

    /// <summary>What is meant by a setting as the environment has it, or with another dash; empty where it is none.</summary>
    private string Environmental(string name)
    {
        string setting = name.TrimStart('-', '/').Replace("__", ":", StringComparison.Ordinal);
        return table.Settings.Keys.FirstOrDefault(known => known.Equals(setting, StringComparison.OrdinalIgnoreCase)) is not { } known ? ""
            : $" On a command line it is --{known}=….";
    }

    /// <summary>Files and folders that were given and do not exist, one sentence each; globs are left to the reader.</summary>
    public IReadOnlyList<string> MissingFiles() =>
    [
        .. Options.Where(option => option.Name is "--path" or "--kafka-home").Concat(Others.Select(other => ("", (string?)other)))
            .Select(named => (named.Item1, Path: named.Item2 ?? ""))
            .Where(named => named.Path.AsSpan().IndexOfAny("*?[{") < 0 && !File.Exists(named.Path) && !Directory.Exists(named.Path))
            .Select(named => $"{named.Item1} {Spelling.Shown(named.Path)}".TrimStart()
                + $" does not exist (looked for {Spelling.Shown(Path.GetFullPath(named.Path))})."),
    ];

    private static string Misplaced(string name, Target target) => target == Target.Look
        ? $"{Spelling.Shown(name)}: `look` has no options; settings of the replay are --Producer:Replay:Name=value."
        : $"{Spelling.Shown(name)}: the AppHost takes settings only, such as --Producer:Source=none; options are Standalone's "
            + "(--standalone)."
            + Spelling.Hint(name, Help.OwnOptions);

    private string? OptionFault(string name, string? value)
    {
        if (!table.Options.TryGetValue(name, out var option))
        {
            return $"{Spelling.Shown(name)}: there is no such option."
                + (Environmental(name) is { Length: > 0 } hint ? hint : Spelling.Hint(name, [.. table.Options.Keys, .. Help.OwnOptions]));
        }

        if (string.IsNullOrWhiteSpace(value))
            return $"{name} needs a value.";
        return ValueFault(option, value, StringComparison.Ordinal) is { } fault
            ? ArgumentTable.Is(option, "secret") ? $"{name} {fault}" : $"{name} {Spelling.Shown(value)}: {fault}"
            : null;
    }

    private string? AppHostFault(string name, string? value, Target target)
    {
        bool isKnown = table.AppHost.Contains(name, StringComparer.OrdinalIgnoreCase);
        if (isKnown && target is Target.Standalone or Target.Look)
            return $"--{name} is a setting of the AppHost (--aspire).";
        if (!isKnown)
        {
            return $"--{Spelling.Shown(name)}: there is no such setting."
                + (Environmental(name) is { Length: > 0 } hint ? hint : Spelling.Hint(
                    "--" + name, [.. table.AppHost.Select(known => "--" + known), .. table.Options.Keys, .. Help.OwnOptions]));
        }

        return string.IsNullOrWhiteSpace(value) ? $"--{name} needs a value." : null;
    }

    private string? SettingFault(string name, string? value, Target target)
    {
        string section = name.Split(':')[0];
        string[] sections = target is Target.Standalone ? table.Sections : [.. table.Sections, "ConnectionStrings", "Control"];
        if (!sections.Contains(section, StringComparer.OrdinalIgnoreCase))
        {
            if (name.ToLowerInvariant() is "connectionstrings:kafka" or "connectionstrings:redis")
                return $"--{name}: the address is the option --{name.Split(':')[1].ToLowerInvariant()} here.";
            string hint = Spelling.Hint(section, sections);
            return target == Target.Standalone || hint.Length > 0
                ? $"--{Spelling.Shown(name)}: there is no section {section}.{hint}"
                : null;
        }

        if (value is null)
            return $"--{name} needs a value: --{name}=… or --{name} ….";
        if (table.Settings.TryGetValue(name, out var setting))
        {
            return value.Length > 0 && ValueFault(setting, value, StringComparison.OrdinalIgnoreCase) is { } fault
                ? $"--{name}: {Spelling.Shown(value)} {fault}" : null;
        }

        bool isPart = table.Settings.Any(known => ArgumentTable.Is(known.Value, "parts")
            && name.StartsWith(known.Key + ":", StringComparison.OrdinalIgnoreCase));
        bool isFree = !table.Settings.Keys.Any(known => known.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase));
        return isPart || isFree ? null : $"--{Spelling.Shown(name)}: there is no such setting.{NearSettings(name)}";
    }

    /// <summary>A name that differs a little, else the same last part elsewhere.</summary>
    private string NearSettings(string name) =>
        Spelling.Hint(name, table.Settings.Keys, name.Split(':')[^1].Length) is { Length: > 0 } hint ? hint
        : Spelling.Hint([.. table.Settings.Keys.Where(known => string.Equals(
            known.Split(':')[^1], name.Split(':')[^1], StringComparison.OrdinalIgnoreCase))]);

    private static string? ValueFault(JsonElement known, string value, StringComparison comparison)
    {
        string[] choices = ArgumentTable.Texts(known, "choices");
        if (choices.Length > 0 && !choices.Contains(value, StringComparer.FromComparison(comparison)))
            return $"takes one of {string.Join(", ", choices)}.{Spelling.Hint(value, choices)}";
        if (ArgumentTable.Text(known, "pattern") is { } pattern && !Regex.IsMatch(value, pattern))
            return ArgumentTable.Text(known, "rule");
        if (!known.TryGetProperty("least", out var least))
            return null;
        double most = known.GetProperty("most").GetDouble();
        bool isNumber = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number >= least.GetDouble() && number <= most && (!ArgumentTable.Is(known, "whole") || double.IsInteger(number));
        return isNumber ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"takes a {(ArgumentTable.Is(known, "whole") ? "whole " : "")}number from {least.GetDouble()} to {most}.");
    }

    private bool IsBroken(JsonElement rule) =>
        ArgumentTable.Texts(rule, "given").All(Holds) && !ArgumentTable.Texts(rule, "without").Any(Holds);

    public bool Holds(string entry) => entry.Split('=') switch
    {
        ["--source", var values] => values.Split('|').Contains(Source()),
        [['-', ..] name] => Options.Exists(option => option.Name == name && option.Value != "false"),
        _ => Settings.Exists(setting => setting.Name.Equals(entry, StringComparison.OrdinalIgnoreCase)
            || setting.Name.StartsWith(entry + ":", StringComparison.OrdinalIgnoreCase)),
    };

    private string Source() =>
        Settings.FindLast(setting => setting.Name.Equals("Producer:Source", StringComparison.OrdinalIgnoreCase)).Value?.ToLowerInvariant()
        ?? Options.Find(option => option.Name == "--source").Value
        ?? (Holds("--path") ? "replay" : Holds("--from-topic") ? "kafka" : "synthetic");
}

/// <summary>What somebody probably meant who misspelt a name; as Radar.ServiceDefaults has it.</summary>
internal static class Spelling
{
    /// <param name="given">What was typed.</param>
    /// <param name="known">What exists.</param>
    /// <param name="length">Of the part that may differ; null is that of the whole name.</param>
    public static string Hint(string given, IEnumerable<string> known, int? length = null)
    {
        var near = known.Select(name => (Name: name, Distance: Distance(given.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Min(length ?? given.Length, candidate.Name.Length) / 3))
            .OrderBy(candidate => candidate.Distance).ToList();
        return Hint([.. near.TakeWhile(candidate => candidate.Distance == near[0].Distance).Select(candidate => candidate.Name).Take(3)]);
    }

    public static string Hint(IReadOnlyList<string> near) => near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";

    /// <summary>On one line, as it is printed.</summary>
    public static string Shown(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) ? $"\\u{(int)character:x4}" : character.ToString()));

    /// <summary>Whether it looks like a part of a connection string.</summary>
    public static bool MayBeSecret(string text) => text.AsSpan().IndexOfAny('=', '@', '!') >= 0;

    /// <summary>Optimal string alignment.</summary>
    private static int Distance(string one, string other)
    {
        var distance = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
            distance[i, 0] = i;
        for (int j = 0; j <= other.Length; j++)
            distance[0, j] = j;
        for (int i = 1; i <= one.Length; i++)
        {
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = distance[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                distance[i, j] = Math.Min(replaced, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
            }
        }

        return distance[one.Length, other.Length];
    }
}

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
