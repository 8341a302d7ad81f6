namespace Radar.Tests.EndToEnd;

/// <summary>Volumes of a test's own: those of the person at this machine are neither read nor written.</summary>
internal static class TestVolumes
{
    public static string NewPrefix() => $"radar-test-{Guid.NewGuid():N}";

    /// <summary>The AppHost's argument.</summary>
    public static string Setting(string prefix) => "--VolumePrefix=" + prefix;

    /// <summary>Refuses an AppHost that would take other volumes than those with the prefix.</summary>
    public static async Task OfTestsOnlyAsync(string prefix)
    {
        string[] volumes = await NamesAsync(prefix);
        Assert.NotEmpty(volumes);
        Assert.All(volumes, volume => Assert.StartsWith(prefix + "-", volume, StringComparison.Ordinal));
    }

    public static async Task DeleteAsync(string prefix) => await Containers.DeleteVolumesAsync(await NamesAsync(prefix));

    private static async Task<string[]> NamesAsync(string prefix) =>
        [.. (await Containers.ModelAsync(Setting(prefix))).SelectMany(Containers.Volumes)];
}
