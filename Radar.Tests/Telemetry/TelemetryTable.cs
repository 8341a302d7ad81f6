using System.Text.RegularExpressions;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Telemetry;

/// <summary>The table of metrics in docs/telemetry.md.</summary>
internal static partial class TelemetryTable
{
    public static string Docs { get; } = Repository.File("docs");

    public static IReadOnlyList<Row> Read()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Docs, "telemetry.md"));
        var attributes = new Dictionary<string, string[]>();
        foreach (string line in lines.SkipWhile(line => !line.StartsWith("| In the table", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.Length > 0))
        {
            string[] cells = Cells(line);
            string[] names = cells[0].Split(", "), values = [.. Quoted().Matches(cells[1]).Select(match => match.Groups[1].Value)];
            for (int i = 0; i < names.Length; i++)
                attributes[names[i]] = names.Length == values.Length ? [values[i]] : values;
        }

        return
        [
            .. lines.SkipWhile(line => !line.StartsWith("| Metric |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.Length > 0)
                .Where(line => !line.StartsWith("| **", StringComparison.Ordinal))
                .Select(Cells)
                .Select(cells => new Row(
                    cells[0].Trim('`'), cells[1], cells[2].Trim('`'),
                    [.. cells[3].Split(", ", StringSplitOptions.RemoveEmptyEntries).SelectMany(name => attributes[name])],
                    cells[4].Trim('`'))),
        ];
    }

    private static string[] Cells(string line) => [.. line.Trim('|', ' ').Split('|').Select(cell => cell.Trim())];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    /// <summary>One metric.</summary>
    internal sealed record Row(string Name, string Kind, string Unit, IReadOnlyList<string> Attributes, string Prometheus)
    {
        /// <summary>What the exporter makes of the name: the unit in words, <c>total</c> for what only rises.</summary>
        public string ExpectedPrometheus
        {
            get
            {
                string unit = Unit switch { "s" => "seconds", "By" => "bytes", _ => "" };
                string name = Name.Replace('.', '_');
                if (unit.Length > 0 && !name.EndsWith(unit, StringComparison.Ordinal))
                    name += "_" + unit;
                return Kind == "counter" ? name + "_total" : name;
            }
        }
    }
}
