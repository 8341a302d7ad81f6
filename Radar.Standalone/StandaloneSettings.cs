using Radar.Api;
using Radar.Api.Access;
using Radar.Api.Limits;
using Radar.Consumer;
using Radar.Market;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;
using Radar.ServiceDefaults.Settings;

namespace Radar.Standalone;

/// <summary>Settings of the services on the command line, as <see cref="SettingArguments"/> has them.</summary>
internal static class StandaloneSettings
{
    /// <summary>Sections that may be set, and their options; null is a section of .NET's, whose names are not checked.</summary>
    public static readonly IReadOnlyDictionary<string, Type?> Sections = new Dictionary<string, Type?>(StringComparer.OrdinalIgnoreCase)
    {
        ["AllowedHosts"] = null,
        [ApiOptions.Section] = typeof(ApiOptions),
        [AuthOptions.Section] = typeof(AuthOptions),
        [ConsumerOptions.Section] = typeof(ConsumerOptions),
        [KafkaOptions.Section] = typeof(KafkaOptions),
        [LimitOptions.Section] = typeof(LimitOptions),
        ["Logging"] = null,
        [OperationsOptions.Section] = typeof(OperationsOptions),
        [ProducerOptions.Section] = typeof(ProducerOptions),
        [ProjectionOptions.Section] = typeof(ProjectionOptions),
        [RadarOptions.Section] = typeof(RadarOptions),
        [RedisOptions.Section] = typeof(RedisOptions),
        ["Telemetry"] = null,
    };

    /// <summary>Wrong sections, names and values, one sentence each. What needs more than one setting, the services check.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<string> settings)
    {
        var configuration = new ConfigurationBuilder().AddCommandLine([.. settings]).Build();
        return settings.Select(WrongSection).OfType<string>().Concat(Sections
            .Where(section => section.Value is not null)
            .SelectMany(section => SettingCheck.Faults(configuration.GetSection(section.Key), section.Value!)));
    }

    /// <summary>The value that a setting is given last; null where it is given none.</summary>
    public static string? Value(IReadOnlyList<string> settings, string name) => settings
        .LastOrDefault(setting => setting.StartsWith($"--{name}=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 3)..];

    /// <summary>Whether a setting, or a part of it, is given.</summary>
    public static bool IsGiven(IReadOnlyList<string> settings, string name) => settings.Any(
        setting => setting.StartsWith($"--{name}=", StringComparison.OrdinalIgnoreCase)
            || setting.StartsWith($"--{name}:", StringComparison.OrdinalIgnoreCase));

    private static string? WrongSection(string setting)
    {
        string name = setting[..setting.IndexOf('=', StringComparison.Ordinal)];
        string section = name[2..].Split(':')[0];
        if (Sections.ContainsKey(section))
            return null;
        return name.ToLowerInvariant() switch
        {
            "--connectionstrings:kafka" => $"{name}: Kafka's address is the option --kafka here.",
            "--connectionstrings:redis" => $"{name}: Redis's address is the option --redis here.",
            _ => $"{name}: there is no section {section}. Sections are {string.Join(", ", Sections.Keys)}."
                + Spelling.Hint(section, Sections.Keys),
        };
    }
}
