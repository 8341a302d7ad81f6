using System.IO.Compression;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>One recorded stream: a file or an entry of a zip, with compression seen through. It can be opened again and again.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Entry">Name of the zip's entry, or null.</param>
/// <param name="IsGzip">The content is compressed once more.</param>
/// <param name="IsNamed">A person named this very file; others were found in a folder or by a glob.</param>
internal sealed record ReplayInput(string Path, string? Entry, bool IsGzip, bool IsNamed)
{
    private static readonly byte[] ZipMagic = "PK\u0003\u0004"u8.ToArray();
    private static readonly byte[] EmptyZipMagic = "PK\u0005\u0006"u8.ToArray();
    private static readonly byte[] GzipMagic = [0x1F, 0x8B];

    /// <summary>The path as a person would write it: <c>trades.zip!20131007_aig_Trade_Tick.csv</c>.</summary>
    public string Name => Entry is null ? Path : $"{Path}!{Entry}";

    /// <summary>Name of the innermost file, without its folder.</summary>
    public string FileName => System.IO.Path.GetFileName(Entry ?? Path);

    /// <summary>The inputs that one file holds: itself, or a zip's entries. Told by its first bytes, not by its name.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static IEnumerable<ReplayInput> Of(string path, bool isNamed)
    {
        try
        {
            using var file = File.OpenRead(path);
            var magic = Magic(file);
            if (!magic.StartsWith(ZipMagic) && !magic.StartsWith(EmptyZipMagic))
                return [new ReplayInput(path, null, magic.StartsWith(GzipMagic), isNamed)];

            file.Position = 0;
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            return
            [
                .. zip.Entries.Where(entry => entry.Name.Length > 0).OrderBy(entry => entry.FullName, StringComparer.Ordinal)
                    .Select(entry => new ReplayInput(path, entry.FullName, IsGzipped(entry), isNamed)),
            ];
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Opens the content from its beginning.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public Stream Open()
    {
        try
        {
            Stream stream = new FileStream(
                Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
            if (Entry is not null)
                stream = new ZipEntryStream(stream, Entry);
            return IsGzip ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(Path, e);
        }
    }

    /// <summary>True for what a damaged, missing or forbidden file throws.</summary>
    public static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException or InvalidDataException;

    /// <summary>The error of a file that cannot be read, for people.</summary>
    public static ConfigurationException Unreadable(string path, Exception e) =>
        new($"Producer:Replay:Paths: {path} cannot be read: {e.Message}");

    private static bool IsGzipped(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        return Magic(stream).StartsWith(GzipMagic);
    }

    private static ReadOnlySpan<byte> Magic(Stream stream)
    {
        var magic = new byte[4];
        return magic.AsSpan(0, stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false));
    }
}
