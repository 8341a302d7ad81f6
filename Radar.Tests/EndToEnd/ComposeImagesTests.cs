using Aspire.Hosting.ApplicationModel;
using Radar.Tests.Deploy;

namespace Radar.Tests.EndToEnd;

[Collection(OneAppHostAtATime.Name)]
public sealed class ComposeImagesTests
{
    [Fact]
    public async Task Compose_file_runs_the_images_of_the_AppHost()
    {
        foreach (var container in (await Containers.ModelAsync()).Where(container => container.Name is "kafka" or "redis"))
        {
            Assert.True(container.TryGetContainerImageName(out string? image));
            Assert.Equal(image, ComposeProject.Image(container.Name));
        }
    }
}
