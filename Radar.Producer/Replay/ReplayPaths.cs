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

            // A file's own name may identify its content, so it is preferred to a link's.
            var files = Files(path).Select(file => (Path: file, Real: Real(file)))
                .OrderBy(file => Path.GetFileName(file.Path) != Path.GetFileName(file.Real));
            foreach (var file in files.Where(file => seen.Add(file.Real)))
            {
                int before = inputs.Count;
                inputs.AddRange(ReplayInput.Of(file.Path, isNamed));
                if (isNamed && inputs.Count == before)
                    throw new ConfigurationException($"Producer:Replay:Paths: {path} holds no files.");
            }
        }

        return inputs;
    }

    /// <summary>The path without links: <c>latest.csv</c> beside the file that it leads to holds no other trades.</summary>
    private static string Real(string path)
    {
        try
        {
            if (Path.GetDirectoryName(path) is not { Length: > 0 } folder)
                return path;
            string real = Path.Combine(Real(folder), Path.GetFileName(path));
            return new FileInfo(real).ResolveLinkTarget(returnFinalTarget: true) is { } target ? Real(target.FullName) : real;
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            // Opening it reports the fault.
            return path;
        }
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
        if (!Directory.Exists(folder))
            return [];
        string pattern = Path.GetRelativePath(folder, full).Replace(Path.DirectorySeparatorChar, '/');
        var everything = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = pattern.Contains("**", StringComparison.Ordinal) ? int.MaxValue : pattern.Count(part => part == '/'),
            IgnoreInaccessible = Everything.IgnoreInaccessible,
            AttributesToSkip = Everything.AttributesToSkip,
        };
        var glob = Glob(pattern);
        return Directory.EnumerateFiles(folder, "*", everything)
            .Where(file => glob.IsMatch(Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')));
    }

    /// <summary><c>**/</c> is any number of folders, <c>*</c> and <c>?</c> stay within a name.</summary>
    private static Regex Glob(string pattern) => new(
        "^" + Regex.Escape(pattern)
            .Replace("\\*\\*/", "(?:.*/)?", StringComparison.Ordinal)
            .Replace("\\*\\*", ".*", StringComparison.Ordinal)
            .Replace("\\*", "[^/]*", StringComparison.Ordinal)
            .Replace("\\?", "[^/]", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static string[] Some(string path, string complaint, IEnumerable<string> files)
    {
        string[] sorted = [.. files.Select(Path.GetFullPath).Order(StringComparer.Ordinal)];
        return sorted.Length > 0 ? sorted : throw new ConfigurationException($"Producer:Replay:Paths: {path} {complaint}.");
    }
}
