using System.Buffers;
using System.IO.Pipelines;

namespace Radar.Api.Streaming;

/// <summary>
/// Writes frames to one client, which has a limited time to take each lot, and not an entry of any size: a snapshot may have megabytes,
/// and who takes them slowly is no dead client.
/// </summary>
internal sealed class StreamOutput : IDisposable
{
    /// <summary>Bytes after which the client must take what there is; more would only wait in memory.</summary>
    private const int LotBytes = 64 * 1024;

    private readonly PipeWriter _body;
    private readonly int _timeoutMs;
    private readonly CancellationTokenSource _ended;
    private readonly HttpContext _context;
    private readonly StreamBudget _budget;

    public StreamOutput(HttpContext context, int timeoutMs, StreamBudget budget, TimeProvider time)
    {
        (_context, _body, _timeoutMs, _budget) = (context, context.Response.BodyWriter, timeoutMs, budget);
        Time = time;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
    }

    public TimeProvider Time { get; }

    /// <summary>The client has gone.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The client did not take what it was sent in time.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>Sends the head of the answer: who resumes where nothing has happened may wait long for the first event.</summary>
    public Task BeginAsync() => FlushAsync();

    public Task WriteAsync(StreamFrame frame) => WriteAsync([new StreamEntry(frame, [])]);

    /// <exception cref="OperationCanceledException">The client has gone, or was too slow; it is disconnected then.</exception>
    public async Task WriteAsync(IReadOnlyList<StreamEntry> entries)
    {
        int sent = 0, lot = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            var (frame, id) = entries[i];
            _body.Write(id);
            lot += id.Length;
            for (var rest = frame.Bytes; !rest.IsEmpty;)
            {
                int length = Math.Clamp(LotBytes - lot, 1, rest.Length);
                _body.Write(rest.Span[..length]);
                rest = rest[length..];
                lot += length;
                bool isWhole = rest.IsEmpty;
                if (lot < LotBytes && !(isWhole && i == entries.Count - 1))
                    continue;
                await FlushAsync();
                lot = 0;
                while (sent < i || (sent == i && isWhole))
                    entries[sent++].Frame.Sent();
            }
        }
    }

    /// <summary>Writes what is encoded in pieces already, each when the client has taken the one before.</summary>
    /// <inheritdoc cref="WriteAsync(IReadOnlyList{StreamEntry})"/>
    public async Task WriteAsync(byte[] id, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        _body.Write(id);
        foreach (var piece in pieces)
        {
            _body.Write(piece.Span);
            await FlushAsync();
        }
    }

    public void Dispose() => _ended.Dispose();

    private async Task FlushAsync()
    {
        var flush = _body.FlushAsync(_ended.Token);
        if (flush.IsCompleted)
        {
            if (flush.Result.IsCompleted)
                throw new OperationCanceledException("The client has gone.");
            return;
        }

        _budget.Hold(LotBytes); // the server keeps about as much while the client does not take it
        try
        {
            var result = await flush.AsTask().WaitAsync(TimeSpan.FromMilliseconds(_timeoutMs), Time, _ended.Token);
            if (result.IsCompleted)
                throw new OperationCanceledException("The client has gone.");
        }
        catch (TimeoutException)
        {
            TimedOut = true;
            _context.Abort();
            throw new OperationCanceledException("The client did not take what it was sent in time.");
        }
        finally
        {
            _budget.Release(LotBytes);
        }
    }
}
