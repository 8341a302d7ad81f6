namespace Radar.Producer.Replay;

/// <summary>
/// The files below a folder, hidden ones left out. Links to folders are followed, each folder once; one that leads to a folder in which it
/// lies is left out.
/// </summary>
internal sealed class FolderWalk
{
    private static readonly EnumerationOptions Children = new()
    {
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    private readonly HashSet<string> _visited = new(StringComparer.Ordinal);
    private readonly Queue<(string Link, string Target, int Depth)> _links = new();

    private FolderWalk()
    {
    }

    /// <summary>The files, and links that are left out with the reason, in no certain order.</summary>
    /// <param name="folder">Full path.</param>
    /// <param name="depthMax">So many folders below it are looked into.</param>
    /// <exception cref="IOException">The folder itself cannot be read.</exception>
    public static IEnumerable<(string Path, string? Fault)> Files(string folder, int depthMax)
    {
        var walk = new FolderWalk();
        string root = RealPath.Of(folder);
        foreach (var file in walk.Below(folder, root, 0, depthMax))
            yield return file;

        // After the folders themselves, so that what they hold has its own name.
        while (walk._links.TryDequeue(out var link))
        {
            if (RealPath.IsWithin(RealPath.Of(Path.GetDirectoryName(link.Link)!), link.Target))
            {
                yield return (link.Link, "it is a link to a folder that it lies in");
                continue;
            }

            foreach (var file in walk.Below(link.Link, link.Target, link.Depth, depthMax))
                yield return file;
        }
    }

    /// <param name="folder">As it was found.</param>
    /// <param name="real">The same without links.</param>
    /// <param name="depth">Of the folder.</param>
    /// <param name="depthMax">Of the last one that is looked into.</param>
    private IEnumerable<(string Path, string? Fault)> Below(string folder, string real, int depth, int depthMax)
    {
        var folders = new Stack<(string Path, string Real, int Depth)>();
        folders.Push((folder, real, depth));
        while (folders.TryPop(out var at))
        {
            if (!_visited.Add(at.Real))
                continue;
            var children = ChildrenOf(at.Path, isRoot: at.Real == real && depth == 0, out string? fault);
            if (fault is not null)
                yield return (at.Path, fault);
            foreach (var child in children)
            {
                if (child is not DirectoryInfo)
                    yield return (child.FullName, LeadsNowhere(child) ? "it is a link that leads nowhere" : null);
                else if (at.Depth == depthMax)
                    continue;
                else if (child.LinkTarget is not null)
                    _links.Enqueue((child.FullName, RealPath.Of(child.FullName), at.Depth + 1));
                else
                    folders.Push((child.FullName, Path.Combine(at.Real, child.Name), at.Depth + 1));
            }
        }
    }

    private static FileSystemInfo[] ChildrenOf(string folder, bool isRoot, out string? fault)
    {
        fault = null;
        try
        {
            return new DirectoryInfo(folder).GetFileSystemInfos("*", Children);
        }
        catch (Exception e) when (!isRoot && ReplayInput.IsUnreadable(e))
        {
            fault = ReplayInput.Unreadable(e);
            return [];
        }
    }

    private static bool LeadsNowhere(FileSystemInfo file)
    {
        try
        {
            return file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true };
        }
        catch (IOException)
        {
            // A circle of links.
            return true;
        }
    }
}

/// <summary>Paths without links.</summary>
internal static class RealPath
{
    // As many as the system follows.
    private const int LinksMax = 40;

    /// <summary>Where <paramref name="path"/> leads: <c>latest.csv</c> beside the file that it leads to holds no other trades.</summary>
    public static string Of(string path)
    {
        try
        {
            return Of(path, 0);
        }
        catch (Exception e) when (ReplayInput.IsUnreadable(e))
        {
            // Opening it reports the fault.
            return path;
        }
    }

    /// <summary>Whether a folder is <paramref name="outer"/>, or lies in it.</summary>
    public static bool IsWithin(string folder, string outer) =>
        folder == outer
            || folder.StartsWith(Path.TrimEndingDirectorySeparator(outer) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string Of(string path, int links)
    {
        if (Path.GetDirectoryName(path) is not { Length: > 0 } folder)
            return path;
        string real = Path.Combine(Of(folder, links), Path.GetFileName(path));
        return links < LinksMax && new FileInfo(real).ResolveLinkTarget(returnFinalTarget: true) is { } target
            ? Of(target.FullName, links + 1)
            : real;
    }
}
