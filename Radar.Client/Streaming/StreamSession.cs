using System.Net;
using Microsoft.Extensions.Logging;

namespace Radar.Client.Streaming;

/// <summary>
/// One stream as its user sees it, while connections come and go under it. Nothing runs beside the user: a connection is made, waited
/// for and read when the next event is asked for, and what is not asked for stays with the API, which then conflates or disconnects.
/// </summary>
internal sealed class StreamSession(
    ApiReader reader, Uri uri, string? since, RadarClientOptions options, TimeProvider time, ILogger logger, Func<double> random)
    : IAsyncDisposable
{
    private readonly string _address = uri.GetLeftPart(UriPartial.Path);
    private readonly Repetitions _repetitions = new();
    private readonly ReconnectDelay _delay = new(
        TimeSpan.FromMilliseconds(options.ReconnectDelayMs), TimeSpan.FromMilliseconds(options.ReconnectDelayMaxMs), random);

    private StreamConnection? _connection;
    private string? _lastId = since;
    private TimeSpan _wait;
    private long _connectedAt;
    private bool _isInterrupted;
    private bool _wasConnected;
    private string? _unknown; // symbols that were logged last

    /// <summary>The next snapshot answers an id: it stands for events that are not delivered.</summary>
    private bool _isResuming;

    /// <summary>A snapshot that was received but comes behind the gap that it stands for.</summary>
    private StreamEvent? _next;

    /// <summary>The next event; there always is one.</summary>
    /// <param name="cancellationToken">Ends the session.</param>
    /// <exception cref="RadarApiException">The API refuses the request, and always will.</exception>
    public async Task<StreamEvent> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            StreamEvent? received;
            try
            {
                received = _next is not null ? Take()
                    : _connection is null ? await ConnectAsync(cancellationToken).ConfigureAwait(false)
                    : await ReadAsync(_connection).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsPassing(e))
            {
                received = await InterruptAsync(e).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken); // whatever a cancelled read throws
            }

            if (received is not null)
                return received;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }

    private StreamEvent? Take()
    {
        (var next, _next) = (_next, null);
        return next;
    }

    private async Task<StreamEvent> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_wait > TimeSpan.Zero)
            await Task.Delay(_wait, time, cancellationToken).ConfigureAwait(false);
        var body = new WatchedStream(TimeSpan.FromMilliseconds(options.StreamSilenceMs), time);
        _connection = await StreamConnection.OpenAsync(reader, uri, _lastId, body, cancellationToken).ConfigureAwait(false);
        _connectedAt = time.GetTimestamp();
        _wasConnected = true;
        _isResuming = _lastId is not null;
        _delay.Connected();
        if (_isInterrupted)
            StreamLog.Connected(logger, _address);
        _isInterrupted = false;
        return new StreamConnected(_isResuming) { Id = _lastId };
    }

    /// <summary>Null for what is not delivered.</summary>
    private async Task<StreamEvent?> ReadAsync(StreamConnection connection)
    {
        if (await connection.ReadAsync().ConfigureAwait(false) is not var (wire, id))
            throw new IOException("The API ended the stream.");
        if (wire.ShutdownRetry is { } retry)
            return await StopAsync(retry).ConfigureAwait(false);

        StreamEvent received = wire.Event!;
        if (received is StreamGap gap)
        {
            _isResuming = false; // the snapshot that follows is accounted for
            StreamLog.Gap(logger, _address, gap.Reason);
            return gap with { Id = _lastId };
        }

        if (received is StreamUnknownSymbols unknown)
        {
            string symbols = string.Join(", ", unknown.Symbols);
            if (symbols != _unknown)
                StreamLog.Unknown(logger, _address, symbols);
            _unknown = symbols;
            return unknown with { Id = _lastId };
        }

        string? before = _lastId;
        _lastId = id ?? _lastId;
        received.Id = _lastId;
        bool resumes = _isResuming;
        _isResuming = false;
        if (!_repetitions.IsNew(received, advances: _lastId != before))
            return null;
        if (received is not SnapshotEvent || !resumes)
            return received;
        _next = received;
        gap = new StreamGap("The API does not know what was received last, and starts over.") { Id = before };
        StreamLog.Gap(logger, _address, gap.Reason);
        return gap;
    }

    private async Task<StreamInterrupted> StopAsync(TimeSpan retry)
    {
        await CloseAsync().ConfigureAwait(false);
        _wait = _delay.Announced(retry);
        _isInterrupted = true;
        StreamLog.Stopped(logger, _address, (long)_wait.TotalMilliseconds);
        return new StreamInterrupted("The API stops as planned.", _wait, Attempts: 0) { Id = _lastId };
    }

    private async Task<StreamInterrupted> InterruptAsync(Exception reason)
    {
        if (_connection is not null)
        {
            _delay.Ended(time.GetElapsedTime(_connectedAt));
            _delay.Ask(_connection.Retry);
        }

        await CloseAsync().ConfigureAwait(false);
        if (reason is RadarApiException { RetryAfter: { } asked })
            _delay.Ask(asked);
        _wait = _delay.Next();
        if (_isInterrupted)
            StreamLog.StillInterrupted(logger, _address, _delay.Failures, reason.Message, (long)_wait.TotalMilliseconds);
        else
            StreamLog.Interrupted(logger, _address, reason.Message, (long)_wait.TotalMilliseconds);
        _isInterrupted = true;
        return new StreamInterrupted(reason.Message, _wait, _delay.Failures) { Id = _lastId };
    }

    private async Task CloseAsync()
    {
        if (_connection is null)
            return;
        _repetitions.Interrupted();
        var connection = _connection;
        _connection = null;
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// False where trying again cannot help: the API refuses what was asked, or the client is set up wrongly. Everything else passes,
    /// also what handlers in between throw. A key or token that the API itself refuses stays refused. Once a stream was there, any other
    /// refusal that names no parameter is not the API's word on it: a proxy answers 404 while no API process is ready.
    /// </summary>
    private bool IsPassing(Exception e) => e switch
    {
        RadarApiException
        {
            Status: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        } => true,
        RadarApiException { IsOfAccess: true } => false,
        RadarApiException { Parameter: null } when _wasConnected => true,
        RadarApiException or ArgumentException or InvalidOperationException or NotSupportedException => false,
        _ => true,
    };
}
