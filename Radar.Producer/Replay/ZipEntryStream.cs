using System.IO.Compression;

namespace Radar.Producer.Replay;

/// <summary>One entry of a zip; closes the zip and its file with itself.</summary>
internal sealed class ZipEntryStream : Stream
{
    private readonly ZipArchive _zip;
    private readonly Stream _entry;

    /// <param name="file">Is closed where the entry cannot be opened.</param>
    /// <param name="index">Of the entry: a zip may hold two of one name.</param>
    public ZipEntryStream(Stream file, int index)
    {
        try
        {
            _zip = new ZipArchive(file, ZipArchiveMode.Read);
            _entry = index < _zip.Entries.Count
                ? _zip.Entries[index].Open()
                : throw new InvalidDataException($"the zip no longer holds {index + 1} entries");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => _entry.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => _entry.Read(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _entry.Dispose();
            _zip.Dispose();
        }

        base.Dispose(disposing);
    }
}
