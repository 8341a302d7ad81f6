namespace Radar.Producer.Replay.Archives;

/// <summary>Some bytes of a file, in order.</summary>
internal sealed class FilePart : ReadStream
{
    private readonly OnDemandFile _file;
    private long _at;
    private long _left;
    private bool _isClosed;

    /// <exception cref="InvalidDataException">The file has changed.</exception>
    public FilePart(OnDemandFile file, long start, long length)
    {
        (_file, _at, _left) = (file, start, length);
        file.Acquire();
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        _file.Position = _at;
        int read = _file.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (read == 0 && _left > 0 && !buffer.IsEmpty)
            throw new InvalidDataException("the archive is cut off");
        _at += read;
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            _isClosed = true;
            _file.Release();
        }

        base.Dispose(disposing);
    }
}
