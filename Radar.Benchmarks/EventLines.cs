namespace Radar.Benchmarks;

/// <summary>
/// The <c>data</c> lines of an event stream, without more ado: thousands of clients share the machine with what they measure.
/// </summary>
internal sealed class EventLines(Stream body, int bufferBytes = 64 * 1024)
{
    private readonly byte[] _buffer = new byte[bufferBytes];
    private int _start;
    private int _end;

    /// <summary>The next data line, valid until the next call; null at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, length);
                _start += length + 1;
                if (line.Span.StartsWith("data: "u8))
                    return line[6..];
                continue;
            }

            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length)
                throw new InvalidOperationException("A line is longer than the buffer.");
            int read = await body.ReadAsync(_buffer.AsMemory(_end), stop);
            if (read == 0)
                return null;
            _end += read;
        }
    }
}
