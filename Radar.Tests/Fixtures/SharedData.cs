namespace Radar.Tests.Fixtures;

/// <summary>
/// Recorded market data beside the checkout. It is no part of the project: tests that need it are skipped where it is missing.
/// </summary>
internal static class SharedData
{
    /// <summary>Environment variable with the folder that holds <c>ANSWERS.json</c>.</summary>
    public const string Variable = "RADAR_SHARED_DATA";

    private const string Answers = "ANSWERS.json";

    /// <summary>The folder, or null.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Why a test that needs the data is skipped; null where it is there.</summary>
    public static string? Missing { get; } = Folder is null
        ? $"needs the recorded market data: set {Variable} to the folder that holds {Answers}, or have shared/data beside the checkout"
        : null;

    /// <summary>Full path of one of its files.</summary>
    public static string Path(string relative) =>
        System.IO.Path.Combine(Folder ?? throw new InvalidOperationException(Missing), relative);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(System.IO.Path.Combine(named, Answers)) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "shared", "data");
            if (File.Exists(System.IO.Path.Combine(candidate, Answers)))
                return candidate;
        }

        return null;
    }
}
