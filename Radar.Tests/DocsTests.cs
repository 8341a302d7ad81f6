using System.Reflection;
using System.Text.RegularExpressions;

namespace Radar.Tests;

/// <summary>What the documents say of the tests.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public void Every_row_of_the_guarantees_names_tests_that_exist()
    {
        var tests = typeof(DocsTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null).Select(method => method.Name).ToHashSet();
        string[] rows = [.. File.ReadAllLines(Path.Combine(Repository(), "docs", "guarantees.md")).Where(line => line.StartsWith('|'))];

        Assert.True(rows.Length > 20, "The tables are not read.");
        foreach (string row in rows.Where(row => !Heading().IsMatch(row)))
        {
            string cell = row.TrimEnd('|', ' ').Split('|')[^1];
            var named = Name().Matches(cell).Select(match => match.Groups[1].Value).ToList();
            Assert.True(named.Count > 0 || cell.Trim() == "the same", row);
            Assert.All(named, name => Assert.Contains(name, tests));
        }
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Radar.sln")))
            directory = directory.Parent;
        return directory.FullName;
    }

    [GeneratedRegex(@"^\|[\s|-]*$|\| Test \|$")]
    private static partial Regex Heading();

    [GeneratedRegex("`([A-Z][A-Za-z0-9]+_[A-Za-z0-9_]+)`")]
    private static partial Regex Name();
}
