using SharpCompress.Compressors.Xz;

namespace Radar.Producer.Replay.Archives;

/// <summary>All xz streams of a file, with padding between them; the library's reader ends after the first.</summary>
/// <param name="packed">Closed with this.</param>
internal sealed class XzStreams(Stream packed) : ReadStream
{
    private readonly Rest _rest = new(packed);
    private XZStream? _current;

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            _current ??= new XZStream(_rest);
            int read = _current.Read(buffer);
            if (read > 0 || buffer.IsEmpty || !_rest.TrySkipPadding())
                return read;
            _current = null;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            packed.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What of the file is not read yet; one byte can be looked at.</summary>
    private sealed class Rest(Stream packed) : ReadStream
    {
        private int _next = -1;
        private long _position;

        /// <summary>Since the beginning of the current xz stream: its reader aligns blocks by it.</summary>
        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = 1;
            if (_next < 0 || buffer.IsEmpty)
                read = packed.Read(buffer);
            else
                (buffer[0], _next) = ((byte)_next, -1);
            _position += read;
            return read;
        }

        /// <summary>False at the end of the file.</summary>
        public bool TrySkipPadding()
        {
            do
                _next = packed.ReadByte();
            while (_next == 0);
            _position = 0;
            return _next >= 0;
        }
    }
}
