using System.IO.Compression;
using SharpCompress.Compressors.BZip2;
using ZstdSharp;

namespace Radar.Producer.Replay.Archives;

/// <summary>Opens compressed streams of one file; several compressed ones behind each other are read as one.</summary>
internal static class Unpacking
{
    /// <summary>The content of <paramref name="packed"/>, which is closed with it.</summary>
    /// <param name="packed">At its beginning.</param>
    /// <param name="kind">One of the kinds of a single file.</param>
    /// <exception cref="InvalidDataException">The first bytes are damaged.</exception>
    public static Stream Open(Stream packed, FileKind kind)
    {
        try
        {
            return kind switch
            {
                FileKind.Gzip => new GZipStream(packed, CompressionMode.Decompress),

                // A window of more than 128 MB is refused.
                FileKind.Zstd => new CheckedStream(new DecompressionStream(packed, leaveOpen: false), "zstd"),
                FileKind.Xz => new CheckedStream(new XzStreams(packed), "xz"),
                FileKind.Bzip2 => new CheckedStream(
                    BZip2Stream.Create(packed, SharpCompress.Compressors.CompressionMode.Decompress, true, false, false), "bzip2",
                    packed.Dispose),
                _ => throw new ArgumentOutOfRangeException(nameof(kind)),
            };
        }
        catch (Exception e) when (e is not (IOException or InvalidDataException or UnauthorizedAccessException))
        {
            packed.Dispose();
            throw new InvalidDataException($"its {kind} data is damaged: {e.Message}", e);
        }
    }
}
