using Microsoft.Extensions.Configuration;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class ServerAdviceTests
{
    [Fact]
    public void Advice_names_what_the_address_was_given_by_last()
    {
        var configuration = new ConfigurationManager();
        Assert.Equal("Check ConnectionStrings:kafka.", ServerAdvice.Of(configuration, "kafka"));

        string folder = Directory.CreateTempSubdirectory("radar-advice").FullName;
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), """{"ConnectionStrings":{"kafka":"a:1"}}""");
        configuration.SetBasePath(folder).AddJsonFile("appsettings.json");
        Assert.Equal("Check ConnectionStrings:kafka in appsettings.json.", ServerAdvice.Of(configuration, "kafka"));

        Environment.SetEnvironmentVariable("RADARADVICE_ConnectionStrings__kafka", "a:1");
        configuration.AddEnvironmentVariables("RADARADVICE_");
        Environment.SetEnvironmentVariable("RADARADVICE_ConnectionStrings__kafka", null);
        Assert.Equal("Check the environment variable ConnectionStrings__kafka.", ServerAdvice.Of(configuration, "kafka"));

        configuration.AddCommandLine(["--ConnectionStrings:kafka", "a:1"]);
        Assert.Equal("Check --ConnectionStrings:kafka.", ServerAdvice.Of(configuration, "kafka"));

        configuration.AddCommandLine(["--ServerAdvice:kafka=Check --kafka."]);
        Assert.Equal("Check --kafka.", ServerAdvice.Of(configuration, "kafka"));
        Directory.Delete(folder, recursive: true);
    }
}
