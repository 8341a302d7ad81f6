using System.Reflection;
using System.Text.RegularExpressions;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Docs;

/// <summary>Each row of the promises and of the threats names its tests.</summary>
public sealed partial class GuaranteesDocumentTests
{
    [Theory]
    [InlineData("docs/guarantees.md", "", 20)]
    [InlineData("docs/security.md", "## Threats", 10)]
    public void Every_row_names_tests_that_exist(string document, string from, int rowsMin)
    {
        var tests = typeof(GuaranteesDocumentTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name).ToHashSet();
        string[] rows =
        [
            .. File.ReadAllLines(Repository.File(document)).SkipWhile(line => !line.StartsWith(from, StringComparison.Ordinal))
                .Where(line => line.StartsWith('|')),
        ];

        Assert.True(rows.Length > rowsMin, "The tables are not read.");
        foreach (string row in rows.Where(row => !Heading().IsMatch(row)))
        {
            string cell = row.TrimEnd('|', ' ').Split('|')[^1];
            var named = Name().Matches(cell).Select(match => match.Groups[1].Value).ToList();
            Assert.True(named.Count > 0 || cell.Trim() == "the same", row);
            Assert.All(named, name => Assert.Contains(name, tests));
        }
    }

    [GeneratedRegex(@"^\|[\s|-]*$|\| Test \|$")]
    private static partial Regex Heading();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]+_[A-Za-z0-9_]+)`")]
    private static partial Regex Name();
}
