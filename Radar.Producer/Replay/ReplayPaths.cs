using System.Text.RegularExpressions;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>
/// Turns configured paths into files: each a file, a folder with all below it, or a glob. Hidden files are left out, and so is what a link
/// shows again.
/// </summary>
internal static class ReplayPaths
{
    private static readonly char[] Wildcards = ['*', '?'];

    /// <summary>The inputs behind <paramref name="paths"/>, each once, folders and globs in the order of their names.</summary>
    /// <exception cref="ConfigurationException">A path is missing, matches nothing or cannot be read; the message names it.</exception>
    public static List<ReplayInput> Inputs(IEnumerable<string> paths)
    {
        var inputs = new List<ReplayInput>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in paths.Where(path => !string.IsNullOrWhiteSpace(path)))
        {
            bool isNamed = File.Exists(path);

            // A file's own name may identify its content, so it is preferred to a link's.
            var files = Files(path).Select(file => (file.Path, file.Fault, Real: RealPath.Of(file.Path)))
                .OrderBy(file => Path.GetFileName(file.Path) != Path.GetFileName(file.Real));
            foreach (var file in files.Where(file => file.Fault is not null || seen.Add(file.Real)))
            {
                int before = inputs.Count;
                inputs.AddRange(file.Fault is null
                    ? ReplayInput.Of(file.Path, isNamed)
                    : [ReplayInput.Faulty(file.Path, file.Fault, isNamed)]);
                if (isNamed && inputs.Count == before)
                    throw new ConfigurationException($"Producer:Replay:Paths: {path} holds no files.");
            }
        }

        return inputs;
    }

    private static (string Path, string? Fault)[] Files(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            return [(full, null)];
        try
        {
            if (Directory.Exists(full))
                return Some(path, "holds no files", FolderWalk.Files(full, int.MaxValue));
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

    private static IEnumerable<(string Path, string? Fault)> Matches(string full)
    {
        // The folder is what comes before the first part with a wildcard.
        string folder = full;
        while (folder.IndexOfAny(Wildcards) >= 0)
            folder = Path.GetDirectoryName(folder)!;
        if (!Directory.Exists(folder))
            return [];
        string pattern = Path.GetRelativePath(folder, full).Replace(Path.DirectorySeparatorChar, '/');
        int depthMax = pattern.Contains("**", StringComparison.Ordinal) ? int.MaxValue : pattern.Count(part => part == '/');
        var glob = Glob(pattern);
        return FolderWalk.Files(folder, depthMax).Where(file =>
            file.Fault is not null || glob.IsMatch(Path.GetRelativePath(folder, file.Path).Replace(Path.DirectorySeparatorChar, '/')));
    }

    /// <summary><c>**/</c> is any number of folders, <c>*</c> and <c>?</c> stay within a name.</summary>
    private static Regex Glob(string pattern) => new(
        "^" + Regex.Escape(pattern)
            .Replace("\\*\\*/", "(?:.*/)?", StringComparison.Ordinal)
            .Replace("\\*\\*", ".*", StringComparison.Ordinal)
            .Replace("\\*", "[^/]*", StringComparison.Ordinal)
            .Replace("\\?", "[^/]", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static (string Path, string? Fault)[] Some(string path, string complaint, IEnumerable<(string Path, string? Fault)> files)
    {
        (string Path, string? Fault)[] sorted = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        return sorted.Length > 0 ? sorted : throw new ConfigurationException($"Producer:Replay:Paths: {path} {complaint}.");
    }
}
