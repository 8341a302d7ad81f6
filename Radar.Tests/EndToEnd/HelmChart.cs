using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Radar.Tests.EndToEnd;

/// <summary>A chart whose templates only insert values, rendered with those of <c>values.yaml</c>. Anything else is an error.</summary>
internal sealed partial class HelmChart
{
    private readonly Dictionary<object, object> _values;
    private readonly string[] _templates;

    private HelmChart(Dictionary<object, object> values, string[] templates) => (_values, _templates) = (values, templates);

    public static async Task<HelmChart> LoadAsync(string folder)
    {
        string values = await File.ReadAllTextAsync(Path.Combine(folder, "values.yaml"));
        string[] templates = Directory.GetFiles(Path.Combine(folder, "templates"), "*.yaml", SearchOption.AllDirectories);
        return new HelmChart(
            new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(values),
            await Task.WhenAll(templates.Select(path => File.ReadAllTextAsync(path))));
    }

    public IEnumerable<string> Render() =>
        _templates.Select(template => Expression().Replace(template, match => Value(match.Groups[1].Value)));

    private string Value(string expression)
    {
        string[] filters = expression.Split(" | ");
        Assert.All(filters[1..], filter => Assert.Contains(filter, new[] { "int", "toString" }));
        if (filters[0] is ".Chart.Name" or ".Release.Name")
            return "radar";
        var indexed = Indexed().Match(filters[0]);
        string[] path = indexed.Success ? [.. indexed.Groups[1].Value.Split('.'), indexed.Groups[2].Value] : filters[0].Split('.');
        Assert.Equal(["", "Values"], path[..2]);
        object value = path[2..].Aggregate((object)_values, (node, name) => ((Dictionary<object, object>)node)[name]);
        return (string)value;
    }

    [GeneratedRegex(@"\{\{ (.+?) \}\}")]
    private static partial Regex Expression();

    [GeneratedRegex("^index ([^ ]+) `([^`]+)`$")]
    private static partial Regex Indexed();
}
