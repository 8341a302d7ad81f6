using Microsoft.Win32.SafeHandles;

namespace Radar.Producer.Replay.Archives;

/// <summary>
/// A file that is open only while somebody reads from it, so that an archive's directory, once read, serves all of its entries. One
/// thread.
/// </summary>
internal sealed class OnDemandFile : Stream
{
    private readonly string _path;
    private readonly long _length;
    private readonly DateTime _writtenAt;
    private SafeFileHandle? _handle;
    private int _readers;

    /// <exception cref="IOException">There is no such file.</exception>
    public OnDemandFile(string path)
    {
        var file = new FileInfo(path);
        (_path, _length, _writtenAt) = (path, file.Length, file.LastWriteTimeUtc);
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position { get; set; }

    /// <summary>Opens the file until <see cref="Release"/>, where it is not.</summary>
    /// <exception cref="InvalidDataException">It is another file by now: what its directory said does not hold.</exception>
    public void Acquire()
    {
        if (_readers == 0)
        {
            var file = new FileInfo(_path);
            if (file.Length != _length || file.LastWriteTimeUtc != _writtenAt)
                throw new InvalidDataException("the file has changed since it was looked into");
            _handle = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        _readers++;
    }

    /// <summary>Closes the file where nobody reads any more.</summary>
    public void Release()
    {
        if (--_readers > 0)
            return;
        _handle?.Dispose();
        _handle = null;
    }

    public override int Read(Span<byte> buffer)
    {
        int read = RandomAccess.Read(_handle ?? throw new ObjectDisposedException(_path), buffer, Position);
        Position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        long position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => _length + offset,
        };
        return position >= 0 ? Position = position : throw new IOException("a position before the file's beginning");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _handle?.Dispose();
        base.Dispose(disposing);
    }
}
