using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>What the tests do with the container engine beside the AppHost.</summary>
internal static class Containers
{
    private static readonly string[] Servers = ["kafka", "redis"];
    private static readonly Lazy<string?> Found = new(() => FindMissingAsync().GetAwaiter().GetResult());

    /// <summary>Why Kafka and Redis cannot run in containers here: an engine or an image is missing. Null where they can.</summary>
    public static string? Missing => Found.Value;

    /// <summary>The containers of the AppHost with these settings. Nothing is started.</summary>
    public static async Task<IReadOnlyList<ContainerResource>> ModelAsync(params string[] settings)
    {
        string[] all = ["--Infrastructure=containers", .. settings];
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Radar_AppHost>(all);
        return [.. builder.Resources.OfType<ContainerResource>()];
    }

    /// <summary>Leaves out the containers beside Kafka and Redis, user interfaces, whose images are not here: no test pulls any.</summary>
    public static void LeaveOutMissing(IDistributedApplicationTestingBuilder builder)
    {
        foreach (var container in builder.Resources.OfType<ContainerResource>().ToList())
        {
            if (!Servers.Contains(container.Name) && Requirement.Images([Image(container)]) is not null)
                builder.Resources.Remove(container);
        }
    }

    /// <summary>The names of the volumes that a container has.</summary>
    public static IEnumerable<string> Volumes(ContainerResource container) =>
        container.Annotations.OfType<ContainerMountAnnotation>()
            .Where(mount => mount.Type == ContainerMountType.Volume).Select(mount => mount.Source!);

    /// <summary>Kills the container of a resource, as a crash would.</summary>
    public static async Task KillAsync(RunningAppHost host, string resource)
    {
        await EngineAsync("kill", Id(host.Instances(resource).Single()));
        await host.UntilStateAsync(resource, KnownResourceStates.Exited, KnownResourceStates.Finished);
    }

    /// <summary>Begins to read the consoles of all containers of an AppHost.</summary>
    public static IEnumerable<ContainerConsole> Consoles(RunningAppHost host) => host.Model.OfType<ContainerResource>()
        .SelectMany(container => host.Instances(container.Name))
        .Select(instance => new ContainerConsole(instance.Resource.Name, Id(instance)));

    /// <summary>Deletes volumes, those that are there.</summary>
    public static Task DeleteVolumesAsync(IEnumerable<string> volumes) => EngineAsync(["volume", "rm", "--force", .. volumes]);

    private static string Id(ResourceEvent instance) =>
        (string)instance.Snapshot.Properties.Single(property => property.Name == "container.id").Value!;

    private static string Image(ContainerResource container) =>
        container.TryGetContainerImageName(out string? image)
            ? image
            : throw new InvalidOperationException($"{container.Name} has no image.");

    private static async Task<string?> FindMissingAsync() => Requirement.Images([])
        ?? Requirement.Images((await ModelAsync()).Where(container => Servers.Contains(container.Name)).Select(Image));

    private static async Task EngineAsync(params string[] arguments)
    {
        var info = new ProcessStartInfo(Requirement.ContainerEngine!, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync().WaitAsync(RunningAppHost.Limit);
        await process.WaitForExitAsync().WaitAsync(RunningAppHost.Limit);
        Assert.True(process.ExitCode == 0, $"{info.FileName} {string.Join(' ', arguments)}: {await output} {errors}");
    }
}
