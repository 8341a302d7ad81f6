using Aspire.Hosting.Testing;

namespace Radar.Tests.EndToEnd;

/// <summary>What the AppHost refuses.</summary>
public sealed class AppHostTests
{
    [Fact]
    public async Task Infrastructure_that_is_not_known_is_refused_with_the_names_that_are()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => DistributedApplicationTestingBuilder.CreateAsync<Projects.Radar_AppHost>(["--Infrastructure=cloud"]));

        Assert.Contains("auto, containers, embedded, kafka-home, external", error.ToString(), StringComparison.Ordinal);
    }
}
