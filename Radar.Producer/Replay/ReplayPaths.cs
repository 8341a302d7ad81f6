using Microsoft.Extensions.FileSystemGlobbing;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>Turns configured paths into files: each a file, a folder with all below it, or a glob. Hidden files are left out.</summary>
internal static class ReplayPaths
{
    private static readonly char[] Wildcards = ['*', '?'];

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    /// <summary>The inputs behind <paramref name="paths"/>, each once, folders and globs in the order of their names.</summary>
    /// <exception cref="ConfigurationException">A path is missing, matches nothing or cannot be read; the message names it.</exception>
    public static List<ReplayInput> Inputs(IEnumerable<string> paths)
    {
        var inputs = new List<ReplayInput>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in paths.Where(path => !string.IsNullOrWhiteSpace(path)))
        {
            bool isNamed = File.Exists(path);
            foreach (string file in Files(path).Where(seen.Add))
                inputs.AddRange(ReplayInput.Of(file, isNamed));
        }

        return inputs;
    }

    private static string[] Files(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            return [full];
        try
        {
            if (Directory.Exists(full))
                return Some(path, "holds no files", Directory.EnumerateFiles(full, "*", Everything));
            if (path.IndexOfAny(Wildcards) >= 0)
                return Some(path, "matches no files", Matches(full));
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            throw ReplayInput.Unreadable(path, e);
        }

        throw new ConfigurationException(
            $"Producer:Replay:Paths: {path} does not exist (looked for {full}). Name a file, a folder or a glob.");
    }

    private static IEnumerable<string> Matches(string full)
    {
        // The folder is what comes before the first part with a wildcard.
        string folder = full;
        while (folder.IndexOfAny(Wildcards) >= 0)
            folder = Path.GetDirectoryName(folder)!;
        string pattern = Path.GetRelativePath(folder, full).Replace(Path.DirectorySeparatorChar, '/');
        return Directory.Exists(folder)
            ? new Matcher(StringComparison.Ordinal).AddInclude(pattern).GetResultsInFullPath(folder)
            : [];
    }

    private static string[] Some(string path, string complaint, IEnumerable<string> files)
    {
        string[] sorted = [.. files.Select(Path.GetFullPath).Order(StringComparer.Ordinal)];
        return sorted.Length > 0 ? sorted : throw new ConfigurationException($"Producer:Replay:Paths: {path} {complaint}.");
    }
}
