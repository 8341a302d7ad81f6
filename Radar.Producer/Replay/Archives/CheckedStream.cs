namespace Radar.Producer.Replay.Archives;

/// <summary>A stream for reading that owns what lies behind it.</summary>
internal abstract class ReadStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Unpacked content; whatever a library throws for damage is an <see cref="InvalidDataException"/>.</summary>
/// <param name="inner">The library's stream.</param>
/// <param name="kind">For people: <c>zstd</c>.</param>
/// <param name="closed">Called once, after the library's stream is closed.</param>
internal sealed class CheckedStream(Stream inner, string kind, Action? closed = null) : ReadStream
{
    private Action? _closed = closed;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (Exception e) when (e is not (IOException or InvalidDataException or UnauthorizedAccessException or OutOfMemoryException))
        {
            throw new InvalidDataException($"its {kind} data is damaged, cut off or of a form that is not known: {e.Message}", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, null) is { } closed)
        {
            inner.Dispose();
            closed();
        }
        else if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
