namespace Radar.Tests.Fixtures;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Absolute path of a file or folder in it.</summary>
    public static string File(string path) => Path.Combine(Root, path);

    /// <summary>Paths of the C# files of a project, without generated ones.</summary>
    public static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(File(project), "*.cs", SearchOption.AllDirectories)
        .Where(path => Path.GetRelativePath(File(project), path).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));

    private static string FindRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Radar.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run in their repository.");
        return folder;
    }
}
