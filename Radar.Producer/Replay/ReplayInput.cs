using System.IO.Compression;
using System.Text;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>One recorded stream: a file or an entry of a zip, with compression seen through. It can be opened again and again.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Entry">The zip's entry, or null.</param>
/// <param name="IsGzip">The content is compressed once more.</param>
/// <param name="Encoding">What the content is changed from to UTF-8, as its byte order mark shows, or null.</param>
/// <param name="IsNamed">A person named this very file; others were found in a folder or by a glob.</param>
/// <param name="Fault">Why the zip's entry cannot be opened, for people and without a full stop, or null.</param>
internal sealed record ReplayInput(string Path, ZipEntryId? Entry, bool IsGzip, Encoding? Encoding, bool IsNamed, string? Fault = null)
{
    private static readonly byte[] ZipMagic = "PK\u0003\u0004"u8.ToArray();
    private static readonly byte[] EmptyZipMagic = "PK\u0005\u0006"u8.ToArray();
    private static readonly byte[] GzipMagic = [0x1F, 0x8B];

    /// <summary>The path as a person would write it: <c>trades.zip!20131007_aig_Trade_Tick.csv</c>.</summary>
    public string Name => Entry is { } entry ? $"{Path}!{entry.Name}" : Path;

    /// <summary>Name of the innermost file, without its folder.</summary>
    public string FileName => System.IO.Path.GetFileName(Entry?.Name ?? Path);

    /// <summary>
    /// The inputs that one file holds: itself, or a zip's entries but hidden ones. Recognized by its first bytes, not by its name.
    /// </summary>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static IEnumerable<ReplayInput> Of(string path, bool isNamed)
    {
        try
        {
            using var file = File.OpenRead(path);
            var magic = Magic(file);
            if (!magic.StartsWith(ZipMagic) && !magic.StartsWith(EmptyZipMagic))
                return [new ReplayInput(path, null, false, null, isNamed).LookInto(() => File.OpenRead(path))];

            file.Position = 0;
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            return
            [
                .. zip.Entries.Select((entry, index) => (entry, index))
                    .Where(at => at.entry.Name.Length > 0 && !IsHidden(at.entry.FullName))
                    .OrderBy(at => at.entry.FullName, StringComparer.Ordinal).ThenBy(at => at.index)
                    .Select(at => OfEntry(path, at.entry, at.index, isNamed)),
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
            if (Entry is { } entry)
                stream = new ZipEntryStream(stream, entry.Index);
            if (IsGzip)
                stream = new GZipStream(stream, CompressionMode.Decompress);
            return Encoding is null ? stream : Encoding.CreateTranscodingStream(stream, Encoding, Encoding.UTF8);
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

    private static ReplayInput OfEntry(string path, ZipArchiveEntry entry, int index, bool isNamed)
    {
        var input = new ReplayInput(path, new ZipEntryId(index, entry.FullName), false, null, isNamed);
        if (entry.IsEncrypted)
            return input with { Fault = "it is encrypted" };
        try
        {
            return input.LookInto(entry.Open);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return input with { Fault = $"it cannot be read: {e.Message}" };
        }
    }

    private ReplayInput LookInto(Func<Stream> open)
    {
        using var raw = open();
        var magic = Magic(raw);
        if (!magic.StartsWith(GzipMagic))
            return this with { Encoding = ByteOrder(magic) };

        using var gzip = new GZipStream(open(), CompressionMode.Decompress);
        try
        {
            return this with { IsGzip = true, Encoding = ByteOrder(Magic(gzip)) };
        }
        catch (InvalidDataException)
        {
            // Its reader reports where it is damaged.
            return this with { IsGzip = true };
        }
    }

    private static Encoding? ByteOrder(ReadOnlySpan<byte> magic) =>
        magic is [0xFF, 0xFE, ..] ? Encoding.Unicode : magic is [0xFE, 0xFF, ..] ? Encoding.BigEndianUnicode : null;

    /// <summary>As hidden files of a folder are; <c>__MACOSX</c> holds what macOS adds to each file that it packs.</summary>
    private static bool IsHidden(string name) =>
        name.Split('/', '\\').Any(part => part == "__MACOSX" || (part.StartsWith('.') && part.Trim('.').Length > 0));

    private static ReadOnlySpan<byte> Magic(Stream stream)
    {
        var magic = new byte[4];
        return magic.AsSpan(0, stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false));
    }
}

/// <summary>Where in a zip an entry is, and its name there, folders included.</summary>
internal readonly record struct ZipEntryId(int Index, string Name);
