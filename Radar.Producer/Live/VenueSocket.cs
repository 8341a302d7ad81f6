using System.Net;
using System.Net.WebSockets;
using System.Text;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>How a connection ended, or that it should.</summary>
internal enum FeedEnd
{
    /// <summary>The network or the venue broke it off.</summary>
    Dropped,

    /// <summary>The venue closed it.</summary>
    Closed,

    /// <summary>Nothing came for longer than the venue's heartbeat allows.</summary>
    Silent,

    /// <summary>A message is larger than allowed.</summary>
    Oversized,

    /// <summary>The venue did not answer a subscription, or with an error that may pass.</summary>
    Unanswered,

    /// <summary>The venue has announced its end.</summary>
    Shutdown,

    /// <summary>It is as old as it should become.</summary>
    Lifetime,
}

/// <summary>What was received: a whole message, or the end.</summary>
/// <param name="Message">Valid until the next is asked for.</param>
/// <param name="End">Null for a message.</param>
/// <param name="Detail">Of the end, for people.</param>
internal readonly record struct Received(ReadOnlyMemory<byte> Message, FeedEnd? End = null, string Detail = "");

/// <summary>A WebSocket that gives whole messages of bounded size and notices silence. Pings are answered while it is read.</summary>
internal sealed class VenueSocket : IAsyncDisposable
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly ClientWebSocket _socket = new();
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _silence;
    private readonly SemaphoreSlim _sending = new(1); // subscriptions and pings
    private readonly TimeSpan _silent;
    private readonly int _bytesMax;
    private readonly TimeProvider _time;
    private byte[] _buffer;
    private Task<Received>? _receiving;
    private volatile bool _listens;

    private VenueSocket(VenueLimits limits, TimeSpan silent, int bytesMax, TimeProvider time)
    {
        (_silent, _bytesMax, _time) = (silent, bytesMax, time);
        _buffer = new byte[Math.Min(4096, bytesMax)];
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        if (limits.PingIsHeartbeat)
        {
            handler.PlaintextStreamFilter = (context, _) =>
                ValueTask.FromResult<Stream>(new ActivityStream(context.PlaintextStream, NoteActivity));

            // Between the venue's own pings ours are answered, which counts as activity, too.
            _socket.Options.KeepAliveInterval = PingEvery;
            _socket.Options.KeepAliveTimeout = silent > PingEvery ? silent * 2 : PingEvery * 2;
        }

        _socket.Options.CollectHttpResponseDetails = true;
        _http = new HttpMessageInvoker(handler);
    }

    /// <summary>Connects. The socket is null where that failed; then the fault and how long the venue asks to wait say more.</summary>
    public static async Task<(VenueSocket? Socket, string Fault, TimeSpan Wait)> ConnectAsync(
        Uri address, VenueLimits limits, LiveOptions options, TimeProvider time, CancellationToken stop)
    {
        var silent = options.SilenceMs > 0 ? TimeSpan.FromMilliseconds(options.SilenceMs) : limits.Silence;
        var socket = new VenueSocket(limits, silent, options.MessageBytesMax, time);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.ConnectTimeoutMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await socket._socket.ConnectAsync(address, socket._http, either.Token);
            return (socket, "", default);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or OperationCanceledException or IOException)
        {
            var status = socket._socket.HttpStatusCode;
            var wait = RetryAfter.Of(status, Header(socket._socket, "Retry-After"), time);
            await socket.DisposeAsync();
            stop.ThrowIfCancellationRequested();
            string fault = e is OperationCanceledException ? $"no answer in {options.ConnectTimeoutMs} ms"
                : status is not 0 ? $"HTTP {(int)status}"
                : e.InnerException?.Message ?? e.Message;
            return (null, fault, wait);
        }
    }

    /// <summary>The next message, or the end. Asked again before <see cref="Taken"/> it is the same.</summary>
    public Task<Received> ReceiveAsync() => _receiving ??= ReceiveMessageAsync();

    /// <summary>The message is dealt with.</summary>
    public void Taken() => _receiving = null;

    /// <summary>Sends a text. What fails here ends the connection, which <see cref="ReceiveAsync"/> reports.</summary>
    public async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, cancellationToken);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            _socket.Abort();
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends a close frame where the connection is still open, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived && !_silence.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(Farewell, _time);
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
            {
                // It is gone already.
            }
        }

        _socket.Dispose();
        if (_receiving is { } receiving)
            await receiving;
        _http.Dispose();
        _silence.Dispose();
        _sending.Dispose();
    }

    private async Task<Received> ReceiveMessageAsync()
    {
        int length = 0;
        try
        {
            _listens = true;
            _silence.CancelAfter(_silent);
            while (true)
            {
                if (length == _buffer.Length)
                {
                    if (length == _bytesMax)
                        return new Received(default, FeedEnd.Oversized,
                            $"a message of more than {_bytesMax} bytes (Producer:Live:MessageBytesMax)");
                    Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, _bytesMax));
                }

                var part = await _socket.ReceiveAsync(_buffer.AsMemory(length), _silence.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    return new Received(default, FeedEnd.Closed, $"{_socket.CloseStatus} {_socket.CloseStatusDescription}".TrimEnd());
                length += part.Count;
                if (part.EndOfMessage)
                    return new Received(_buffer.AsMemory(0, length));
            }
        }
        catch (OperationCanceledException)
        {
            return new Received(default, FeedEnd.Silent, $"nothing for {_silent.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException)
        {
            return new Received(default, FeedEnd.Dropped, e.InnerException?.Message ?? e.Message);
        }
        finally
        {
            _listens = false;
            if (!_silence.IsCancellationRequested)
                _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Time in which nothing is read, because Kafka is slow, is not the venue's silence.</summary>
    private void NoteActivity()
    {
        if (_listens)
            _silence.CancelAfter(_silent);
    }

    private static string? Header(ClientWebSocket socket, string name) =>
        socket.HttpResponseHeaders is { } headers && headers.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;
}

/// <summary>How long a venue asks to stay away.</summary>
internal static class RetryAfter
{
    // Binance bans for minutes to days who comes back too early; a longer wish than an hour is asked about again.
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    /// <summary>For an answer that refuses for coming too often, without saying until when.</summary>
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(10);

    /// <summary>The header's wish in seconds or as a date; some seconds for a refusal without one; zero for any other answer.</summary>
    public static TimeSpan Of(HttpStatusCode status, string? header, TimeProvider time)
    {
        if (status is not (HttpStatusCode.TooManyRequests or (HttpStatusCode)418 or HttpStatusCode.ServiceUnavailable))
            return TimeSpan.Zero;
        if (!System.Net.Http.Headers.RetryConditionHeaderValue.TryParse(header, out var wish))
            return status == HttpStatusCode.ServiceUnavailable ? TimeSpan.Zero : DefaultWait;
        var wait = wish.Delta ?? wish.Date!.Value - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Most ? Most : wait;
    }
}
