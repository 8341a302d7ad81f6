using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Radar.Producer;
using Radar.ServiceDefaults.Control;
using Radar.ServiceDefaults.Settings;
using Radar.Standalone;

namespace Radar.Tests.Docs;

/// <summary>build/arguments.json, made from the options: what radar.cs checks before it builds anything.</summary>
internal static class ArgumentsDocument
{
    /// <summary>Settings of the AppHost itself; a test looks for each in its sources.</summary>
    public static readonly string[] AppHost = ["ApiReplicas", "ConsumerReplicas", "Infrastructure", "KAFKA_HOME", "VolumePrefix"];

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write()
    {
        var document = new JsonObject
        {
            ["options"] = new JsonArray([.. StandaloneCommand.All.Select(OptionOf)]),
            ["rules"] = new JsonArray([.. CommandRules.All.Select(rule => new JsonObject
            {
                ["given"] = TextsOf(rule.Given), ["without"] = TextsOf(rule.Without), ["fault"] = rule.Fault,
            })]),
            ["sections"] = TextsOf(StandaloneSettings.Sections.Keys),
            ["settings"] = Settings(),
            ["appHost"] = TextsOf(AppHost),
        };
        return document.ToJsonString(Format).Replace("\r\n", "\n", StringComparison.Ordinal) + "\n";
    }

    private static JsonObject Settings()
    {
        var settings = new JsonObject();
        var sections = StandaloneSettings.Sections.Where(section => section.Value is not null)
            .Select(section => (section.Key, section.Value!)).Append((ControlOptions.Section, typeof(ControlOptions)));
        foreach (var (name, property) in sections.SelectMany(section => SettingCheck.Names(section.Item1, section.Item2)))
            settings[name] = SettingOf(name, property);
        return settings;
    }

    private static JsonObject SettingOf(string name, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var setting = new JsonObject();
        if (SettingCheck.HasParts(property))
            setting["parts"] = true;
        else if (type.IsEnum)
            setting["choices"] = TextsOf(Enum.GetNames(type).Select(value => value.ToLowerInvariant()));
        else if (type == typeof(bool))
            setting["choices"] = TextsOf(["true", "false"]);
        else if (name == "Producer:Source")
            setting["choices"] = TextsOf(SourceNames.All);
        else if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            AddRange(setting, Bound(range.Minimum), Bound(range.Maximum), type != typeof(double) && type != typeof(decimal));
        return setting;
    }

    private static double Bound(object bound) => Convert.ToDouble(bound, CultureInfo.InvariantCulture);

    private static JsonObject OptionOf(Option option)
    {
        var json = new JsonObject { ["name"] = option.Name, ["value"] = option.HelpName, ["text"] = option.Description };
        switch (option)
        {
            case Option<bool>:
                json["flag"] = true;
                break;
            case INumberOption number:
                AddRange(json, number.Range.Least, number.Range.Most, number.IsWhole);
                break;
            case TextOption text:
                if (text.Choices is not null)
                    json["choices"] = TextsOf(text.Choices);
                if (text.Shape is not null)
                    (json["pattern"], json["rule"]) = (text.Shape.Pattern, text.Shape.Rule);
                if (text.IsSecret)
                    json["secret"] = true;
                break;
            default:
                break;
        }

        return json;
    }

    private static void AddRange(JsonObject json, double least, double most, bool isWhole) =>
        (json["least"], json["most"], json["whole"]) = (least, most, isWhole);

    private static JsonArray TextsOf(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
