using System.Buffers;
using System.IO.Pipelines;

namespace Radar.Api.Streaming;

/// <summary>
/// Writes frames to one client, which has a limited time to take each lot, and not an entry of any size: a snapshot may have megabytes,
/// and a client that takes them slowly is not dead.
/// </summary>
internal sealed class StreamOutput
{
    /// <summary>Bytes after which the client must take what there is; more would only wait in memory.</summary>
    private const int LotBytes = 64 * 1024;

    private readonly PipeWriter _body;
    private readonly Action _abort;
    private readonly int _timeoutMs;
    private readonly StreamBudget _budget;

    /// <param name="body">The client's connection.</param>
    /// <param name="abort">Ends it.</param>
    /// <param name="timeoutMs">How long the client may take for each lot.</param>
    /// <param name="budget">Where what the server buffers counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="aborted">The client has gone.</param>
    public StreamOutput(
        PipeWriter body, Action abort, int timeoutMs, StreamBudget budget, TimeProvider time, CancellationToken aborted)
    {
        (_body, _abort, _timeoutMs, _budget) = (body, abort, timeoutMs, budget);
        (Time, Ended) = (time, aborted);
    }

    public TimeProvider Time { get; }

    /// <summary>The client has gone.</summary>
    public CancellationToken Ended { get; }

    /// <summary>The client did not take what it was sent in time.</summary>
    public bool TimedOut { get; private set; }

    /// <summary>Sends the head of the answer: a client that resumes where nothing has happened may wait long for the first event.</summary>
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

    private async Task FlushAsync()
    {
        var flush = _body.FlushAsync(Ended);
        if (flush.IsCompleted)
        {
            if (flush.Result.IsCompleted)
                throw new OperationCanceledException("The client has gone.");
            return;
        }

        _budget.Hold(LotBytes); // the server keeps about as much while the client does not take it
        try
        {
            var result = await flush.AsTask().WaitAsync(TimeSpan.FromMilliseconds(_timeoutMs), Time, Ended);
            if (result.IsCompleted)
                throw new OperationCanceledException("The client has gone.");
        }
        catch (TimeoutException)
        {
            TimedOut = true;
            _abort();
            throw new OperationCanceledException("The client did not take what it was sent in time.");
        }
        finally
        {
            _budget.Release(LotBytes);
        }
    }
}
