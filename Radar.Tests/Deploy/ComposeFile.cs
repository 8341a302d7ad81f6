using System.Globalization;
using System.Text.RegularExpressions;
using Radar.Producer;
using Radar.Tests.Fixtures;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Radar.Tests.Deploy;

/// <summary>What is wrong with a compose file and the example of its variables, as far as no engine is needed to see it.</summary>
internal static partial class ComposeFile
{
    /// <summary>deploy/compose.yaml.</summary>
    public static string Text => File.ReadAllText(Repository.File("deploy/compose.yaml"));

    /// <summary>deploy/.env.example.</summary>
    public static string Example => File.ReadAllText(Repository.File("deploy/.env.example"));

    /// <summary>One sentence for each fault.</summary>
    public static IReadOnlyList<string> Faults(string compose, string example) =>
        [.. Services(compose).SelectMany(service => ServiceFaults(service.Key, service.Value)), .. VariableFaults(compose, example)];

    private static IEnumerable<string> ServiceFaults(string name, Dictionary<object, object?> service)
    {
        bool isOurs = ComposeProject.Services.Contains(name);
        foreach (var (variable, value) in isOurs ? Map(service, "environment") : [])
        {
            string? known = $"{value}".Contains("${", StringComparison.Ordinal) ? null : $"{value}";
            if (DeployedSettings.Fault((string)variable, known) is { } fault)
                yield return $"{name}: {fault}";
        }

        if (!List(service, "cap_drop").Contains("ALL") || !List(service, "security_opt").Contains("no-new-privileges:true"))
            yield return $"{name} has rights that it does not need.";
        if (isOurs && $"{service.GetValueOrDefault("read_only")}" != "true")
            yield return $"{name} may write to its file system.";
        if (!Map(Map(Map(service, "deploy"), "resources"), "limits").ContainsKey("memory"))
            yield return $"{name} has no limit of memory.";
        if ($"{service.GetValueOrDefault("restart")}" != "unless-stopped")
            yield return $"{name} is not started again.";
        foreach (string port in List(service, "ports").Where(port => !Loopback().IsMatch(port)))
            yield return $"{name} listens beyond this machine: {port}.";
        var least = TimeSpan.FromMilliseconds(new ProducerOptions().FlushMs) + TimeSpan.FromSeconds(10);
        if (isOurs && Seconds($"{service.GetValueOrDefault("stop_grace_period")}") <= least.TotalSeconds)
            yield return $"{name} is killed before it has stopped.";
    }

    private static IEnumerable<string> VariableFaults(string compose, string example)
    {
        var documented = Documented().Matches(example).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        foreach (Match used in Variable().Matches(compose))
        {
            string name = used.Groups[1].Value;
            bool isSecret = Secret().IsMatch(name);
            if (isSecret && !used.Groups[2].Value.StartsWith(":?", StringComparison.Ordinal))
                yield return $"{name} has a default, and is a secret.";
            if (!isSecret && !used.Groups[2].Value.StartsWith(":-", StringComparison.Ordinal))
                yield return $"{name} has no default.";
            if (isSecret && !documented.ContainsKey(name))
                yield return $"{name} is not in the example of .env.";
            if (isSecret && documented.GetValueOrDefault(name) is { Length: > 0 })
                yield return $"{name} has a value in the example of .env.";
        }

        foreach (string name in documented.Keys.Where(name => !compose.Contains("${" + name + ":", StringComparison.Ordinal)))
            yield return $"{name} is in the example of .env and not used.";
    }

    private static Dictionary<string, Dictionary<object, object?>> Services(string compose)
    {
        var parser = new MergingParser(new Parser(new StringReader(compose)));
        var document = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(parser);
        var services = (Dictionary<object, object?>)document["services"]!;
        return services.Keys.ToDictionary(name => (string)name, name => Map(services, (string)name));
    }

    private static Dictionary<object, object?> Map(Dictionary<object, object?> node, string name) =>
        node.GetValueOrDefault(name) as Dictionary<object, object?> ?? [];

    private static string[] List(Dictionary<object, object?> service, string name) =>
        service.GetValueOrDefault(name) is List<object?> list ? [.. list.Select(item => $"{item}")] : [];

    private static double Seconds(string period) =>
        period.EndsWith('s') && double.TryParse(period[..^1], CultureInfo.InvariantCulture, out double seconds) ? seconds : 0;

    [GeneratedRegex(@"\$\{(\w+)([^}]*)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^#?([A-Z]\w*)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Documented();

    [GeneratedRegex("PASSWORD|KEY|TOKEN")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\$\{\w+:-127\.0\.0\.1:")]
    private static partial Regex Loopback();
}
