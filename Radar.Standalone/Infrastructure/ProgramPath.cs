namespace Radar.Standalone.Infrastructure;

/// <summary>Finds programs on the path.</summary>
internal static class ProgramPath
{
    /// <summary>Full path of <paramref name="program"/>, or null where it is not on the path.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? program + ".exe" : program))
            .FirstOrDefault(File.Exists);
}
