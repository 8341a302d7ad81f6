using System.Text.RegularExpressions;

namespace Radar.ServiceDefaults.Settings;

/// <summary>
/// Separates settings from the other arguments of a command line. A setting is <c>--Section:Name=value</c>, <c>--Section:Name value</c>,
/// <c>/Section:Name=value</c> or <c>Section:Name=value</c>, anywhere on the line, as .NET's configuration reads it.
/// </summary>
/// <param name="Settings">Each as <c>--Section:Name=value</c>, in their order.</param>
/// <param name="Others">All other arguments, in their order.</param>
/// <param name="Faults">Settings without a value, one sentence each.</param>
public sealed partial record SettingArguments(IReadOnlyList<string> Settings, IReadOnlyList<string> Others, IReadOnlyList<string> Faults)
{
    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">As they were typed.</param>
    /// <param name="takesValue">Whether the argument behind this one is the value of an option.</param>
    public static SettingArguments Of(IReadOnlyList<string> arguments, Func<string, bool> takesValue)
    {
        List<string> settings = [], others = [], faults = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (Assigned().Match(argument) is { Success: true } assigned)
            {
                settings.Add($"--{assigned.Groups[1].Value}={argument[assigned.Length..]}");
            }
            else if (Named().Match(argument) is { Success: true } named)
            {
                string name = named.Groups[1].Value;
                if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                    settings.Add($"--{name}={arguments[++i]}");
                else
                    faults.Add($"--{name} needs a value: --{name}=… or --{name} ….");
            }
            else
            {
                others.Add(argument);
                if (takesValue(argument) && i + 1 < arguments.Count)
                    others.Add(arguments[++i]);
            }
        }

        return new SettingArguments(settings, others, faults);
    }

    [GeneratedRegex(@"^(?:--|/)?(\w+(?::[\w.-]+)+)=")]
    private static partial Regex Assigned();

    [GeneratedRegex(@"^(?:--|/)(\w+(?::[\w.-]+)+)$")]
    private static partial Regex Named();
}
