namespace Radar.Producer.Replay;

/// <summary>
/// Lines as a stream again, for a reader that wants one. Each keeps its number: a line that was left out is an empty one.
/// </summary>
/// <param name="next">The next line.</param>
/// <param name="number">Number of the line that was read last, from 1.</param>
/// <param name="linesBefore">So many lines are made empty at the beginning.</param>
internal sealed class LineStream(LineStream.TryReadLine next, Func<long> number, int linesBefore) : Stream
{
    private byte[] _rest = [];
    private int _taken;
    private long _given;

    public delegate bool TryReadLine(out ReadOnlySpan<byte> line);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int written = TakeRest(buffer);
        while (written < buffer.Length && next(out var line))
        {
            if (number() <= linesBefore)
                line = default;
            int leftOut = (int)(number() - _given - 1);
            _given = number();
            if (leftOut == 0 && line.Length < buffer.Length - written)
            {
                line.CopyTo(buffer[written..]);
                written += line.Length;
                buffer[written++] = (byte)'\n';
                continue;
            }

            _rest = new byte[leftOut + line.Length + 1];
            _rest.AsSpan(0, leftOut).Fill((byte)'\n');
            line.CopyTo(_rest.AsSpan(leftOut));
            (_rest[^1], _taken) = ((byte)'\n', 0);
            written += TakeRest(buffer[written..]);
        }

        return written;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int TakeRest(Span<byte> buffer)
    {
        int length = Math.Min(_rest.Length - _taken, buffer.Length);
        _rest.AsSpan(_taken, length).CopyTo(buffer);
        _taken += length;
        return length;
    }
}
