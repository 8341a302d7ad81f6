using System.Text;

namespace Radar.Producer.Replay.Archives;

/// <summary>A file that holds no others, with compression seen through.</summary>
/// <param name="Entry">Its name within archives, or null: <c>day.tar!a.csv</c>.</param>
/// <param name="Open">Opens its content from its beginning, again and again.</param>
/// <param name="Encoding">What the content is changed from to UTF-8, or null.</param>
/// <param name="Fault">Why it cannot be read, for people and without a full stop, or null.</param>
internal sealed record ArchiveLeaf(string? Entry, Func<Stream> Open, Encoding? Encoding = null, string? Fault = null);

/// <summary>Finds the files that a file holds: itself, or the entries of archives, packed in any way and a few times.</summary>
internal static class ArchiveTree
{
    // A file that unpacks to itself would have no end.
    private const int DepthMax = 5;

    /// <summary>The files that the one at <paramref name="path"/> holds.</summary>
    /// <exception cref="IOException">It cannot be read, or is a damaged zip (<see cref="InvalidDataException"/>).</exception>
    public static IEnumerable<ArchiveLeaf> Leaves(string path) => Leaves(null, () => OpenFile(path), path, 0);

    /// <summary>True for what a damaged, missing or forbidden file throws.</summary>
    public static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException;

    private static IEnumerable<ArchiveLeaf> Leaves(string? entry, Func<Stream> open, string? path, int depth)
    {
        byte[] head;
        try
        {
            head = Head(open);
        }
        catch (Exception e) when (depth > 0 && IsUnreadable(e))
        {
            // Its reader reports where it is damaged.
            return [new ArchiveLeaf(entry, open)];
        }

        var kind = FileKinds.Of(head, out string fault);
        if (kind is FileKind.Text)
            return [new ArchiveLeaf(entry, open, FileKinds.ByteOrder(head))];
        if (kind is FileKind.Zip && path is null)
            (kind, fault) = (FileKind.Other, "it is a zip within another archive, which Radar does not read; unpack it");
        if (kind is not FileKind.Other && depth == DepthMax)
            (kind, fault) = (FileKind.Other, $"it is packed more than {DepthMax} times");
        return kind switch
        {
            FileKind.Other => [new ArchiveLeaf(entry, open, null, fault)],
            FileKind.Zip => ZipFolder.Entries(path!).SelectMany(inner => Entries(entry, inner, depth)),
            FileKind.Tar => TarFolder.Entries(open, path).SelectMany(inner => Entries(entry, inner, depth)),
            _ => Leaves(entry, () => Unpacking.Open(open(), kind), null, depth + 1),
        };
    }

    private static IEnumerable<ArchiveLeaf> Entries(string? outer, ArchiveEntry inner, int depth)
    {
        string name = outer is null ? inner.Name : $"{outer}!{inner.Name}";
        if (inner.Fault is not null)
            return [new ArchiveLeaf(name, inner.Open, null, inner.Fault)];
        try
        {
            inner.Open().Dispose();
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return [new ArchiveLeaf(name, inner.Open, null, $"it cannot be read: {e.Message}")];
        }

        return Leaves(name, inner.Open, null, depth + 1);
    }

    private static FileStream OpenFile(string path) => new(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);

    private static byte[] Head(Func<Stream> open)
    {
        using var stream = open();
        byte[] head = new byte[FileKinds.HeadBytes];
        return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
