namespace Radar.Producer.Replay;

/// <summary>Reads a stream line by line, as bytes. A line ends at LF or CRLF, the last one also at the end of the stream.</summary>
/// <param name="stream">Closed with this.</param>
/// <param name="bytesMax">Reading ends after about so many bytes, with the last line that is whole.</param>
internal sealed class LineReader(Stream stream, long bytesMax = long.MaxValue) : IDisposable
{
    /// <summary>Longest line, in bytes: whole order books come in one line of a few MB.</summary>
    public const int LineBytesMax = 32 << 20;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private long _bytes;
    private bool _ended;

    /// <summary>Number of the last line read, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The last line read is longer than <see cref="LineBytesMax"/>; it was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Reading ended because it was limited, and not because nothing follows.</summary>
    public bool IsLimited { get; private set; }

    /// <summary>Ends the reading, which may go through gigabytes without a line that anybody wants.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>Reads the next line, without its end. It stays valid until the next call, and is empty where it is too long.</summary>
    /// <exception cref="InvalidDataException">The compressed stream is damaged.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        line = default;
        IsTooLong = false;
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0 || (_ended && (_end > _start || IsTooLong)))
            {
                bool atEnd = length < 0;
                length = atEnd ? _end - _start : length + searched;
                if (!IsTooLong)
                    line = _buffer.AsSpan(_start, length);
                _start += atEnd ? length : length + 1;
                if (++Line == 1 && line.StartsWith(ByteOrderMark))
                    line = line[ByteOrderMark.Length..];
                if (line is [.., (byte)'\r'])
                    line = line[..^1];
                return true;
            }

            if (_ended)
                return false;
            searched = _end - _start;
            if (searched >= LineBytesMax)
            {
                IsTooLong = true;
                _start = _end = searched = 0;
            }

            ReadMore();
            searched = Math.Min(searched, _end - _start);
        }
    }

    /// <summary>There is nothing more to be had, as behind damage.</summary>
    public void End()
    {
        _ended = true;
        _start = _end;
    }

    public void Dispose() => stream.Dispose();

    private void ReadMore()
    {
        Stop.ThrowIfCancellationRequested();
        if (_bytes >= bytesMax)
        {
            // The line that is cut off here is not this long.
            IsTooLong = false;
            IsLimited = true;
            End();
            return;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        int read = stream.Read(_buffer.AsSpan(_end));
        _ended = read == 0;
        _end += read;
        _bytes += read;
    }
}
