using System.Text.RegularExpressions;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Layout;

public sealed partial class SourceFilesTests
{
    private const int LinesMax = 300;
    private const int CharactersMax = 140;

    /// <summary>Test folders that are about several projects, or serve the others.</summary>
    private static readonly HashSet<string> Overarching =
        ["Connections", "Deploy", "Docs", "EndToEnd", "Fixtures", "Layout", "Page", "Telemetry", "WholePath"];

    [Fact]
    public void No_file_is_longer_than_300_lines() => Assert.Empty(
        Sources().Where(path => File.ReadLines(path).Count() > LinesMax).Select(Shown));

    /// <summary>Lines of raw string literals are data and not counted.</summary>
    [Fact]
    public void No_line_is_longer_than_140_characters() => Assert.Empty(
        Sources().Append(Repository.File("radar.cs"))
            .SelectMany(path => CodeLines(path).Where(line => line.Text.Length > CharactersMax)
                .Select(line => $"{Shown(path)}:{line.Number}")));

    /// <summary>Not those of Radar.Client, which has one namespace, and of code with the names of a package's.</summary>
    [Fact]
    public void Namespace_is_the_folder() => Assert.Empty(
        Sources().Where(path => !Folder(path).StartsWith("Radar.Client", StringComparison.Ordinal)
                && !Folder(path).EndsWith("Package", StringComparison.Ordinal))
            .Where(path => Namespace().Match(File.ReadAllText(path)) is { Success: true } match
                && match.Groups[1].Value != Folder(path).Replace('/', '.'))
            .Select(Shown));

    [Fact]
    public void Folders_of_tests_mirror_those_of_the_sources() => Assert.Empty(
        Repository.Sources("Radar.Tests").Select(Folder).Distinct()
            .Select(folder => folder["Radar.Tests".Length..].TrimStart('/'))
            .Where(folder => folder.Length > 0 && !Overarching.Contains(folder.Split('/')[0]))
            .Where(folder => !Directory.Exists(Repository.File("Radar." + folder)))
            .Select(folder => $"Radar.Tests/{folder} mirrors nothing."));

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateDirectories(Repository.Root, "Radar.*").Select(Path.GetFileName)
            .SelectMany(project => Repository.Sources(project!));

    private static string Shown(string path) => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/');

    private static string Folder(string path) => Path.GetDirectoryName(Shown(path))!.Replace('\\', '/');

    private static IEnumerable<(int Number, string Text)> CodeLines(string path)
    {
        int number = 0;
        bool isRaw = false;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (isRaw)
                isRaw = !RawEnd().IsMatch(line);
            else
                yield return (number, line);
            isRaw |= RawBegin().IsMatch(line) && !isRaw && Quotes().Count(line) % 2 == 1;
        }
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex("\"{3,}\\s*$")]
    private static partial Regex RawBegin();

    [GeneratedRegex("^\\s*\"{3,}")]
    private static partial Regex RawEnd();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex Quotes();
}
