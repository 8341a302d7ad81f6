using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults.Settings;

/// <summary>
/// Checks a service's command line at start: .NET's configuration ignores arguments that it cannot read, and names that nobody reads.
/// Names inside of a section are checked with its options.
/// </summary>
internal static partial class CommandLineCheck
{
    private static readonly string[] Sections =
    [
        "Api", "Auth", "ConnectionStrings", "Consumer", "Control", "Kafka", "Kestrel", "Logging", "Producer", "Projection", "Radar",
        "Telemetry",
    ];

    /// <summary>Names without a section that hosts and exporters read.</summary>
    private static readonly string[] HostNames =
    [
        WebHostDefaults.ServerUrlsKey, HostDefaults.EnvironmentKey, HostDefaults.ContentRootKey, HostDefaults.ApplicationKey,
        WebHostDefaults.WebRootKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey, WebHostDefaults.DetailedErrorsKey,
        WebHostDefaults.PreferHostingUrlsKey, WebHostDefaults.ShutdownTimeoutKey, WebHostDefaults.CaptureStartupErrorsKey,
        WebHostDefaults.SuppressStatusMessagesKey, WebHostDefaults.HostingStartupAssembliesKey,
        WebHostDefaults.PreventHostingStartupKey, "AllowedHosts",
    ];

    private static readonly string[] Prefixes = ["OTEL_", "ASPNETCORE_", "DOTNET_"];

    /// <summary>Adds the check, which runs with those of the options.</summary>
    public static void AddCommandLineCheck(this IHostApplicationBuilder builder)
    {
        var sources = ((IConfigurationBuilder)builder.Configuration).Sources.OfType<CommandLineConfigurationSource>();
        string[] arguments = [.. sources.Select(source => source.Args.ToArray()).FirstOrDefault(args => args.Length > 0) ?? []];
        builder.Services.AddOptions<Arguments>().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<Arguments>>(services =>
            new Validation(arguments, [.. services.GetServices<CheckedSection>()]));
    }

    /// <summary>What is wrong with the arguments, one sentence each. No value is quoted: it may be a secret.</summary>
    internal static IEnumerable<string> Faults(IReadOnlyList<string> arguments, IReadOnlyList<CheckedSection> sections)
    {
        var read = SettingArguments.Of(arguments, static _ => false);
        foreach (string fault in read.Faults)
            yield return fault;
        foreach (string setting in read.Settings)
        {
            string name = setting[2..setting.IndexOf('=', StringComparison.Ordinal)];
            string section = name.Split(':')[0];
            if (!Sections.Contains(section, StringComparer.OrdinalIgnoreCase) && Spelling.Hint(section, Sections) is { Length: > 0 } hint)
                yield return $"--{name}: there is no section {section}.{hint}";
        }

        for (int i = 0; i < read.Others.Count; i++)
        {
            string argument = read.Others[i];
            string name = argument.TrimStart('-', '/').Split('=')[0];
            if (!Name().IsMatch(argument))
            {
                yield return "The command line has text that belongs to no setting: settings are --Section:Name=value.";
                continue;
            }

            if (!IsOfHost(name))
                yield return $"--{name}: there is no such setting.{Hint(name, sections)}";
            if (!argument.Contains('=', StringComparison.Ordinal))
                i++; // its value
        }
    }

    private static bool IsOfHost(string name) => HostNames.Contains(name, StringComparer.OrdinalIgnoreCase)
        || Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static string Hint(string name, IReadOnlyList<CheckedSection> sections)
    {
        var settings = sections.SelectMany(section => SettingCheck.Names(section.Name, section.Options)).Select(setting => setting.Name);
        var near = Spelling.Near(name, [.. HostNames, .. settings], candidate => candidate[(candidate.LastIndexOf(':') + 1)..]);
        return Spelling.Hint([.. near.Select(candidate => "--" + candidate)]);
    }

    [GeneratedRegex(@"^(?:--|/)[A-Za-z][\w.-]*(?:=|$)|^[A-Za-z][\w.-]*=")]
    private static partial Regex Name();

    /// <summary>Nothing is bound to it; it is checked as options are.</summary>
    internal sealed class Arguments;

    private sealed class Validation(string[] arguments, IReadOnlyList<CheckedSection> sections) : IValidateOptions<Arguments>
    {
        public ValidateOptionsResult Validate(string? name, Arguments options)
        {
            string[] faults = [.. Faults(arguments, sections).Distinct()];
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}

/// <summary>A section that is bound to options.</summary>
/// <param name="Name">Of the section.</param>
/// <param name="Options">Type of the options.</param>
internal sealed record CheckedSection(string Name, Type Options);
