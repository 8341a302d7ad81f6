using System.IO.Compression;

namespace Radar.Producer.Replay.Archives;

/// <summary>The files of a zip. Its directory is read once, however many files are opened.</summary>
internal sealed class ZipFolder
{
    private readonly OnDemandFile _file;

    private ZipFolder(OnDemandFile file) => _file = file;

    /// <summary>The files of the zip at <paramref name="path"/> but hidden ones, in the order of their names.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or holds too many files.</exception>
    public static List<ArchiveEntry> Entries(string path)
    {
        var file = new OnDemandFile(path);
        var folder = new ZipFolder(file);
        file.Acquire();
        try
        {
            // Stays for as long as its entries do, and holds nothing but memory.
            var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.Entries.Count > ArchiveEntry.EntriesMax)
                throw new InvalidDataException($"it holds more than {ArchiveEntry.EntriesMax} files");
            if (zip.GetEntry("[Content_Types].xml") is not null)
                return [ArchiveEntry.Faulty("[Content_Types].xml", "it is a document of an office program; save its table as CSV")];
            return
            [
                .. zip.Entries.Select((entry, index) => (Entry: entry, Index: index))
                    .Where(at => at.Entry.Name.Length > 0 && !ArchiveEntry.IsHidden(at.Entry.FullName))
                    .OrderBy(at => at.Entry.FullName, StringComparer.Ordinal).ThenBy(at => at.Index)
                    .Select(at => new ArchiveEntry(
                        at.Entry.FullName, () => folder.Open(at.Entry), at.Entry.IsEncrypted ? "it is encrypted" : null)),
            ];
        }
        finally
        {
            file.Release();
        }
    }

    private CheckedStream Open(ZipArchiveEntry entry)
    {
        _file.Acquire();
        try
        {
            return new CheckedStream(entry.Open(), "zip", _file.Release);
        }
        catch
        {
            _file.Release();
            throw;
        }
    }
}
