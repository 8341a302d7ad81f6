using Radar.Tests.Fixtures;

namespace Radar.Tests.Docs;

public sealed class ArgumentsDocumentTests
{
    [Fact]
    public void What_radar_cs_checks_is_what_the_programs_have()
    {
        string path = Repository.File("build/arguments.json");
        string expected = ArgumentsDocument.Write();
        if (Environment.GetEnvironmentVariable("RADAR_WRITE_DOCS") == "1")
            File.WriteAllText(path, expected);

        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Settings_of_the_AppHost_are_read_there()
    {
        string sources = string.Concat(Repository.Sources("Radar.AppHost").Select(File.ReadAllText));

        Assert.All(ArgumentsDocument.AppHost, name => Assert.Contains($"\"{name}\"", sources, StringComparison.Ordinal));
    }
}
