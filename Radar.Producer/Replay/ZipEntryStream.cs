using System.IO.Compression;

namespace Radar.Producer.Replay;

/// <summary>One entry of a zip; closes the zip and its file with itself.</summary>
internal sealed class ZipEntryStream : Stream
{
    private readonly ZipArchive _zip;
    private readonly Stream _entry;

    public ZipEntryStream(Stream file, string entry)
    {
        _zip = new ZipArchive(file, ZipArchiveMode.Read);
        _entry = _zip.GetEntry(entry)?.Open() ?? throw new InvalidDataException($"the zip no longer holds {entry}");
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
