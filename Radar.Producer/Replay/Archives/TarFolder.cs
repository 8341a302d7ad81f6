using System.Formats.Tar;

namespace Radar.Producer.Replay.Archives;

/// <summary>
/// The files of a tar. Those of a plain one are read where they lie. A compressed one can only be read from its beginning: small files are
/// kept in memory, and a reader that has come to some file goes on to the next ones, so that files in the order of the archive cost one
/// pass. One thread.
/// </summary>
internal sealed class TarFolder
{
    private const long KeptBytesMax = 64 << 20;
    private const long KeptFileBytesMax = 1 << 20;

    private readonly Func<Stream> _open;
    private TarCursor? _idle;

    private TarFolder(Func<Stream> open) => _open = open;

    /// <summary>The files of a tar but hidden ones, in their order there; what cannot be read further is an entry.</summary>
    /// <param name="open">Opens the tar from its beginning.</param>
    /// <param name="path">Where it is a file and not compressed; otherwise null.</param>
    public static List<ArchiveEntry> Entries(Func<Stream> open, string? path)
    {
        var entries = new List<ArchiveEntry>();
        var folder = new TarFolder(open);
        var file = path is null ? null : new OnDemandFile(path);
        long kept = 0;
        string last = "its first file";
        try
        {
            using var tar = new TarReader(open());
            for (int index = 0; tar.GetNextEntry() is { } entry; index++)
            {
                last = entry.Name;
                if (entries.Count == ArchiveEntry.EntriesMax)
                    throw new InvalidDataException($"it holds more than {ArchiveEntry.EntriesMax} files");
                if (entry.EntryType == TarEntryType.SparseFile)
                    entries.Add(ArchiveEntry.Faulty(entry.Name, "it is a sparse file"));
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
                    || ArchiveEntry.IsHidden(entry.Name))
                    continue;
                entries.Add(new ArchiveEntry(entry.Name, folder.Opening(entry, index, file, ref kept)));
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            entries.Add(ArchiveEntry.Faulty($"(behind {last})", $"the archive cannot be read further: {e.Message}"));
        }

        return entries;
    }

    /// <summary>How an entry is opened, as the archive is looked through.</summary>
    private Func<Stream> Opening(TarEntry entry, int index, OnDemandFile? file, ref long kept)
    {
        if (entry.DataStream is null)
            return () => new MemoryStream([]);
        if (file is not null)
        {
            var (start, length) = (entry.DataOffset, entry.Length);
            return () => new FilePart(file, start, length);
        }

        if (entry.Length > KeptFileBytesMax || kept + entry.Length > KeptBytesMax)
            return () => OpenBehind(index);
        byte[] content = new byte[entry.Length];
        entry.DataStream.ReadExactly(content);
        kept += content.Length;
        return () => new MemoryStream(content, writable: false);
    }

    private TarEntryStream OpenBehind(int index)
    {
        var cursor = _idle is not null && _idle.CanReach(index) ? _idle : null;
        if (cursor is not null)
            _idle = null;
        cursor ??= new TarCursor(_open());
        try
        {
            cursor.MoveTo(index);
            return new TarEntryStream(cursor, KeepIdle);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    private void KeepIdle(TarCursor cursor)
    {
        _idle?.Dispose();
        _idle = cursor;
    }
}
