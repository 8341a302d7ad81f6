using System.Text.Json;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>One connection: its socket, the parser of its messages, and how far its subscriptions are.</summary>
internal sealed class LiveConnection : IAsyncDisposable
{
    private readonly VenueProtocol _venue;
    private readonly Subscriptions _subscriptions;
    private readonly Pace _sendPace;
    private readonly TimeProvider _time;
    private readonly TimeSpan _answerWithin;
    private readonly CancellationTokenSource _disposed;
    private readonly Task _pinging;
    private long _askedAt;
    private bool _isOpened;

    public LiveConnection(
        VenueProtocol venue, VenueSocket socket, IReadOnlyList<string> symbols, LiveOptions options, Pace sendPace, TimeProvider time,
        CancellationToken stop)
    {
        (_venue, Socket, _sendPace, _time) = (venue, socket, sendPace, time);
        _subscriptions = new Subscriptions(venue, symbols);
        _answerWithin = TimeSpan.FromMilliseconds(options.ConnectTimeoutMs);
        _disposed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Parser = venue.NewParser().With(options.SymbolRule);
        OpenedAt = time.GetTimestamp();
        var lifetime = options.LifetimeMinutes > 0 ? TimeSpan.FromMinutes(options.LifetimeMinutes) : venue.Limits.Lifetime;
        _pinging = PingAsync();
        Age = Task.Delay(lifetime ?? Timeout.InfiniteTimeSpan, time, _disposed.Token);
    }

    /// <summary>Its socket.</summary>
    public VenueSocket Socket { get; }

    /// <summary>Its parser.</summary>
    public VenueTrades Parser { get; }

    /// <summary>When it was opened, as a timestamp of the time provider.</summary>
    public long OpenedAt { get; }

    /// <summary>Completes when it is as old as it should become.</summary>
    public Task Age { get; }

    /// <summary>Sends the next subscription, if it is time for one.</summary>
    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        if (!_isOpened)
        {
            _isOpened = true;
            foreach (string opening in _venue.Opening)
            {
                await _sendPace.WaitAsync(cancellationToken);
                await Socket.SendAsync(opening, cancellationToken);
            }
        }

        if (_subscriptions.Next() is not { } message)
            return;
        await _sendPace.WaitAsync(cancellationToken);
        _askedAt = _time.GetTimestamp();
        await Socket.SendAsync(message, cancellationToken);
    }

    /// <summary>Takes a message without trades. Returns why the connection should end, or null.</summary>
    public async ValueTask<Received?> NoticeAsync(
        ReadOnlyMemory<byte> message, Action<string?, string> refuse, Action<string> unasked, BrokenMessage broken,
        CancellationToken cancellationToken)
    {
        Notice notice;
        try
        {
            notice = _venue.ReadNotice(message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // JsonElement throws InvalidOperationException for a text with an unpaired surrogate.
            broken(e is JsonException ? "not JSON, or cut off" : "a member is not of its type", message.Span);
            return null;
        }

        switch (notice.Kind)
        {
            case NoticeKind.Subscribed:
                _subscriptions.Accept(notice.Symbol);
                break;
            case NoticeKind.Refused when _subscriptions.IsWaiting:
                if (_subscriptions.Refuse(notice.Symbol) is { } symbol)
                    refuse(symbol, notice.Text!);
                break;
            case NoticeKind.Error when _subscriptions.TrySetAside(notice):
                refuse(null, notice.Text!);
                break;
            case NoticeKind.Error when _subscriptions.IsWaiting:
                return new Received(default, FeedEnd.Unanswered, notice.Text!);
            case NoticeKind.Refused or NoticeKind.Error:
                refuse(null, notice.Text!);
                break;
            case NoticeKind.Unasked:
                unasked(notice.Text!);
                break;
            case NoticeKind.Unknown:
                broken("not a message that the venue is known to send", message.Span);
                break;
            case NoticeKind.Shutdown:
                return new Received(default, FeedEnd.Shutdown, "announced by the venue");
            default:
                break;
        }

        await SubscribeAsync(cancellationToken);
        return _subscriptions.IsWaiting && _time.GetElapsedTime(_askedAt) > _answerWithin
            ? new Received(default, FeedEnd.Unanswered, $"no answer to a subscription in {_answerWithin.TotalMilliseconds} ms")
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        await _pinging;
        await Socket.DisposeAsync();
        _disposed.Dispose();
    }

    /// <summary>Shows the venue that the connection is used; what fails here ends the connection, which its reader notices.</summary>
    private async Task PingAsync()
    {
        if (_venue.Ping is not { } ping || _venue.Limits.PingEvery is not { } every)
            return;
        try
        {
            while (true)
            {
                await Task.Delay(every, _time, _disposed.Token);
                await Socket.SendAsync(ping, _disposed.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is closed.
        }
    }
}

/// <summary>Called with a message that cannot be read.</summary>
internal delegate void BrokenMessage(string fault, ReadOnlySpan<byte> message);
