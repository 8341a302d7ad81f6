using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Radar.Api;
using Radar.Api.Access;
using Radar.Api.Limits;
using Radar.Consumer;
using Radar.Market;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;
using Radar.ServiceDefaults.Operations;
using Radar.ServiceDefaults.Settings;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Docs;

/// <summary>docs/configuration.md, made from the options: names, defaults and ranges by reflection, sentences from the sources.</summary>
internal static partial class ConfigurationDocument
{
    private const string Head = """
        # Configuration

        As usual in .NET: `appsettings.json`, environment (`Kafka__Topic`), command line (`--Kafka:Topic=…` or `--Kafka:Topic …`, anywhere). A
        name that does not exist, or a value out of range, stops the start with a line that names it and what was probably meant. The AppHost
        takes settings of the services and passes them on.

        | | |
        |---|---|
        | `ConnectionStrings:kafka` | bootstrap servers, `host:port`; credentials go to `Kafka:Client` |
        | `ConnectionStrings:redis` | `host:port` with [StackExchange.Redis settings](https://stackexchange.github.io/StackExchange.Redis/Configuration), or `redis://user:password@host:port/db` (`rediss://` is TLS) with user and password percent-encoded and settings after `?` |
        | `OTEL_EXPORTER_OTLP_ENDPOINT` | traces, metrics and logs by OTLP; off where it is not set. The AppHost sets it |

        Read from the options by `Radar.Tests/Docs`, which fails where this file differs and writes it where `RADAR_WRITE_DOCS=1` is set.

        """;

    private static readonly (string Section, Type Options, string Of)[] Sections =
    [
        (KafkaOptions.Section, typeof(KafkaOptions), "all services"),
        (RadarOptions.Section, typeof(RadarOptions), "consumers and APIs"),
        (RedisOptions.Section, typeof(RedisOptions), "consumers and APIs"),
        (ProducerOptions.Section, typeof(ProducerOptions), "the producer"),
        (ConsumerOptions.Section, typeof(ConsumerOptions), "the consumer"),
        (ProjectionOptions.Section, typeof(ProjectionOptions), "the consumer; part of the state: with other values it has to be rebuilt"),
        (ApiOptions.Section, typeof(ApiOptions), "the API"),
        (AuthOptions.Section, typeof(AuthOptions), "the API"),
        (LimitOptions.Section, typeof(LimitOptions), "the API"),
        (ControlOptions.Section, typeof(ControlOptions), "all services"),
        (OperationsOptions.Section, typeof(OperationsOptions), "all services"),
        (PrometheusOptions.Section, typeof(PrometheusOptions), "all services"),
    ];

    /// <summary>The whole text.</summary>
    public static string Write()
    {
        var text = new StringBuilder(Head);
        foreach (var (section, options, of) in Sections)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\n## {section}\n\nOf {of}.\n\n| `{section}:` | default | range | |\n|---|---|---|---|\n");
            foreach (Setting setting in SettingsOf(options, Activator.CreateInstance(options)!, ""))
                text.Append(CultureInfo.InvariantCulture,
                    $"| `{setting.Name}` | {setting.Default} | {setting.Range} | {setting.Sentence} |\n");
        }

        return text.ToString();
    }

    /// <summary>Every setting of every section.</summary>
    public static IEnumerable<Setting> All() =>
        Sections.SelectMany(section => SettingsOf(section.Options, Activator.CreateInstance(section.Options)!, ""));

    /// <summary>Their whole names: <c>Producer:Replay:Speed</c>.</summary>
    public static IEnumerable<(string Name, PropertyInfo Property)> Names() =>
        Sections.SelectMany(section => SettingCheck.Names(section.Section, section.Options));

    private static IEnumerable<Setting> SettingsOf(Type type, object values, string prefix)
    {
        // A section's own settings come before those that it shares.
        foreach (PropertyInfo property in type.GetProperties()
            .OrderBy(property => property.DeclaringType != type).ThenBy(property => property.MetadataToken))
        {
            object? value = property.GetValue(values);
            if (!property.CanWrite && value is string)
                continue; // made from others
            if (property.PropertyType.Namespace!.StartsWith("Radar", StringComparison.Ordinal) && property.PropertyType.IsClass)
            {
                foreach (Setting nested in SettingsOf(property.PropertyType, value!, prefix + property.Name + ":"))
                    yield return nested;
            }
            else
            {
                yield return new Setting(prefix + property.Name, property, Shown(value, property.PropertyType), RangeOf(property),
                    Sentence(SourceOf(property.DeclaringType!), property));
            }
        }
    }

    private static string Shown(object? value, Type type) => value switch
    {
        null or "" => "none",
        IDictionary => "none",
        IEnumerable and not string => "none",
        _ when type.IsEnum => $"`{value.ToString()!.ToLowerInvariant()}`",
        bool flag => flag ? "`true`" : "`false`",
        string text => $"`{text}`",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"No form for {type}."),
    };

    private static string RangeOf(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsEnum)
            return string.Join(", ", Enum.GetNames(type).Select(name => $"`{name.ToLowerInvariant()}`"));
        return property.GetCustomAttribute<RangeAttribute>() is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"{Number(range.Minimum)} – {Number(range.Maximum)}")
            : "";
    }

    private static string Number(object bound) => bound switch
    {
        long.MaxValue => "2⁶³ − 1",
        double and > 9e18 => "2⁶³ − 1",
        IFormattable number => number.ToString("0.######", CultureInfo.InvariantCulture),
        _ => bound.ToString()!,
    };

    private static string SourceOf(Type type) => Repository.Sources(type.Assembly.GetName().Name!)
        .Select(File.ReadAllText)
        .First(text => Regex.IsMatch(text, $@"\bclass {type.Name}\b"))
        .Split($"class {type.Name}", 2)[1];

    /// <summary>The summary of a property, as Markdown.</summary>
    private static string Sentence(string source, PropertyInfo property)
    {
        Match match = Regex.Match(source,
            $@"((?:[ ]*///[^\n]*\n)+)(?:(?![ ]*(?:///|public ))[^\n]*\n)*[ ]*public [^\n]*\b{property.Name}\b {{");
        if (!match.Success)
            return "";
        string xml = string.Join(' ', match.Groups[1].Value.Split('\n').Select(line => line.Trim().TrimStart('/').Trim()));
        string summary = Summary().Match(xml).Groups[1].Value.Trim();
        summary = Reference().Replace(summary, cref => $"`{cref.Groups[1].Value.Split('.')[^1]}`");
        return summary.Replace("<c>", "`", StringComparison.Ordinal).Replace("</c>", "`", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal)
                .Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex("<summary>(.*?)</summary>")]
    private static partial Regex Summary();

    [GeneratedRegex("<see cref=\"([^\"]+)\"\\s*/>")]
    private static partial Regex Reference();

    /// <summary>One setting.</summary>
    internal sealed record Setting(string Name, PropertyInfo Property, string Default, string Range, string Sentence);
}
