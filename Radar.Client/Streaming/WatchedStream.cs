namespace Radar.Client.Streaming;

/// <summary>
/// The body of a stream's answer, watched from when it is asked for: it may be silent only for so long, and an event may have only so
/// many bytes. Silence counts while something is awaited; a slow reader is no silence of the API.
/// </summary>
internal sealed class WatchedStream : Stream
{
    /// <summary>Bytes of one event: the snapshot of some 300,000 symbols. More is no Radar API, and would only fill the memory.</summary>
    public const long EventBytesMax = 64 * 1024 * 1024;

    private readonly TimeSpan _silence;
    private readonly CancellationTokenSource _silent = new();
    private readonly ITimer _timer;
    private Stream _body = Null;
    private long _eventBytes;

    public WatchedStream(TimeSpan silence, TimeProvider time)
    {
        _silence = silence;
        _timer = time.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(), _silent, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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

    /// <summary>Asks for the body, and then is it.</summary>
    /// <param name="open">Asks.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TimeoutException">Nothing was answered for too long.</exception>
    public async Task OpenAsync(Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken) =>
        _body = await WatchAsync(open, cancellationToken).ConfigureAwait(false);

    /// <summary>An event is complete.</summary>
    public void EventEnds() => _eventBytes = 0;

    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    /// <exception cref="InvalidDataException">An event has no end.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await WatchAsync(cancel => _body.ReadAsync(buffer, cancel).AsTask(), cancellationToken).ConfigureAwait(false);
        _eventBytes += read;
        if (_eventBytes > EventBytesMax)
            throw new InvalidDataException($"An event has more than {EventBytesMax} bytes.");
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _timer.Dispose(); // may be about to cancel, so what it cancels stays usable; that holds nothing but memory
            _body.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<T> WatchAsync<T>(Func<CancellationToken, Task<T>> wait, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silent.Token);
        _timer.Change(_silence, Timeout.InfiniteTimeSpan);
        try
        {
            return await wait(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (_silent.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Nothing came for {_silence.TotalSeconds} s.", e);
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
