using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Docs;

public sealed class ConfigurationDocumentTests
{
    private static readonly HashSet<Type> Numbers = [typeof(int), typeof(long), typeof(double), typeof(int?), typeof(short)];

    [Fact]
    public void Document_lists_every_setting_as_the_options_have_it()
    {
        string path = Repository.File("docs/configuration.md");
        string text = ConfigurationDocument.Write();
        if (Environment.GetEnvironmentVariable("RADAR_WRITE_DOCS") == "1")
            File.WriteAllText(path, text);

        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void Every_setting_has_a_sentence()
    {
        var settings = ConfigurationDocument.All().ToList();
        Assert.True(settings.Count > 80);
        Assert.Empty(settings.Where(setting => !setting.Sentence.EndsWith('.')).Select(setting => $"{setting.Name}: {setting.Sentence}"));
    }

    [Fact]
    public void Every_number_has_a_range() => Assert.Empty(
        ConfigurationDocument.All()
            .Where(setting => Numbers.Contains(setting.Property.PropertyType)
                && setting.Property.GetCustomAttribute<RangeAttribute>() is null)
            .Select(setting => setting.Name));
}
