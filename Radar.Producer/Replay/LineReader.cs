namespace Radar.Producer.Replay;

/// <summary>Reads a stream line by line, as bytes. A line ends at LF or CRLF, the last one also at the end of the stream.</summary>
internal sealed class LineReader(Stream stream) : IDisposable
{
    /// <summary>Longest line, in bytes: whole order books come in one line of a few MB.</summary>
    public const int LineBytesMax = 32 << 20;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Number of the last line read, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Reads the next line, without its end. It stays valid until the next call.</summary>
    /// <exception cref="InvalidDataException">The compressed stream is damaged, or the line is too long.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0 || (_ended && _end > _start))
            {
                bool atEnd = length < 0;
                length = atEnd ? _end - _start : length + searched;
                line = _buffer.AsSpan(_start, length);
                _start += atEnd ? length : length + 1;
                if (++Line == 1 && line.StartsWith(ByteOrderMark))
                    line = line[ByteOrderMark.Length..];
                if (line is [.., (byte)'\r'])
                    line = line[..^1];
                return true;
            }

            if (_ended)
            {
                line = default;
                return false;
            }

            searched = _end - _start;
            ReadMore();
        }
    }

    public void Dispose() => stream.Dispose();

    private void ReadMore()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= LineBytesMax)
                throw new InvalidDataException($"line {Line + 1} is longer than {LineBytesMax} bytes");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = stream.Read(_buffer.AsSpan(_end));
        _ended = read == 0;
        _end += read;
    }
}
