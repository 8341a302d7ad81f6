using System.Threading.Channels;
using Radar.Market;
using Radar.Producer.Venues.Protocol;
using Radar.ServiceDefaults;

namespace Radar.Producer.Live;

/// <summary>
/// Some symbols of a venue on one connection that is renewed whenever it ends. One loop owns the connection, the sequence and the
/// output: it reads, judges and writes; while Kafka is slow it waits in the write, and the venue's messages wait in the network.
/// </summary>
internal sealed class LiveFeed(
    VenueProtocol venue,
    IReadOnlyList<string> symbols,
    Uri endpoint,
    LiveOptions options,
    GapRefill refill,
    Pace connectPace,
    Pace sendPace,
    TickOutput output,
    LiveReport report,
    TimeProvider time)
{
    // What lies further ahead of the clock, the consumer would refuse, and a wrong time would hide that ids were reset.
    private const long FutureToleranceMs = 300_000;

    private readonly List<string> _symbols = [.. symbols];
    private readonly HashSet<string> _asked = new(
        symbols, options.SymbolRule.KeepsCase ? venue.Limits.SymbolComparer : StringComparer.OrdinalIgnoreCase);
    private readonly ITradeSequence _sequence =
        venue.Limits.IdsAreNames ? new NamedTrades() : new TradeSequence(venue.Limits.IdsHaveHoles);
    // that of a symbol ends when cancelled
    private readonly Dictionary<string, CancellationTokenSource> _refills = new(StringComparer.Ordinal);
    private readonly Channel<Refilled> _refilled = Channel.CreateUnbounded<Refilled>(); // at most one a symbol
    private readonly Backoff _backoff = new(
        TimeSpan.FromMilliseconds(options.BackoffMs), TimeSpan.FromMilliseconds(options.BackoffMaxMs), Random.Shared.NextDouble);
    private readonly List<Tick> _trades = [];
    private Task? _refilledReady;

    /// <summary>Runs until stopped, or until the venue knows none of the symbols.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        LiveConnection? connection = null;
        try
        {
            while (_symbols.Count > 0)
            {
                connection ??= await MeanwhileAsync(OpenAsync(TimeSpan.Zero, stop), stop);
                var end = await ReadAsync(connection, connection.Age, stop) ?? new Received(default, FeedEnd.Lifetime);
                if (_symbols.Count == 0)
                    break;
                report.Ended(endpoint, end.End!.Value, end.Detail);
                bool isPlanned = end.End is FeedEnd.Shutdown or FeedEnd.Lifetime;
                var (ended, wait) = (connection, Wait(connection));
                connection = isPlanned ? await HandOverAsync(ended, stop) : null;
                await ended.DisposeAsync();
                connection ??= await MeanwhileAsync(OpenAsync(wait, stop), stop);
                _sequence.Interrupt();
            }
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    /// <summary>Opens the successor while the connection is read on, for as long as it lives and a little longer than needed.</summary>
    private async Task<LiveConnection> HandOverAsync(LiveConnection connection, CancellationToken stop)
    {
        var opening = OpenAsync(TimeSpan.Zero, stop);
        try
        {
            if (await ReadOnAsync(connection, opening, stop))
            {
                // What the successor receives waits in the network meanwhile; it is received twice, and deduplicated by id.
                await ReadOnAsync(connection, Task.Delay(TimeSpan.FromMilliseconds(options.OverlapMs), time, stop), stop);
            }

            return await MeanwhileAsync(opening, stop);
        }
        catch
        {
            if (opening.IsCompletedSuccessfully)
                await (await opening).DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads until <paramref name="until"/>; false where the connection ended before. That it will end is known already.</summary>
    private async Task<bool> ReadOnAsync(LiveConnection connection, Task until, CancellationToken stop)
    {
        while (true)
        {
            var end = await ReadAsync(connection, until, stop);
            if (end?.End is not FeedEnd.Shutdown)
                return end is null;
        }
    }

    /// <summary>Reads until the connection ends, or, with null, until <paramref name="until"/> does.</summary>
    private async Task<Received?> ReadAsync(LiveConnection connection, Task until, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            await PassRefilledAsync(stop);
            if (until.IsCompleted)
                return null;
            if (_sequence.Held >= options.HeldTicksMax)
            {
                // A connection that is not read would be cut, and cost more trades, of all symbols.
                await _refills[_sequence.MostHeld].CancelAsync();
                await Task.WhenAny(until, RefilledReady(stop));
                continue;
            }

            var receiving = connection.Socket.ReceiveAsync();
            if (!receiving.IsCompleted && await Task.WhenAny(receiving, until, RefilledReady(stop)) != receiving)
                continue;
            var received = await receiving;
            stop.ThrowIfCancellationRequested();
            if (received.End is not null)
                return received;
            var end = await TakeAsync(connection, received.Message, stop);
            connection.Socket.Taken();
            if (end is not null)
                return end;
        }
    }

    /// <summary>Takes a message. Returns why the connection should end, or null.</summary>
    private async ValueTask<Received?> TakeAsync(LiveConnection connection, ReadOnlyMemory<byte> message, CancellationToken stop)
    {
        _trades.Clear();
        var kind = connection.Parser.Read(message.Span, _trades);
        switch (kind)
        {
            case VenueMessage.Trades or VenueMessage.Repeats or VenueMessage.OffBook when IsAhead():
                Broken("a trade whose time lies ahead of this machine's clock", message.Span);
                return null;
            case VenueMessage.Trades or VenueMessage.Repeats or VenueMessage.OffBook:
                for (int i = 0; i < _trades.Count; i++)
                    await TakeAskedAsync(new LiveTrade(_trades[i], kind, FirstId(connection, i)), stop);
                return null;
            case VenueMessage.Broken:
                Broken(connection.Parser.Fault, message.Span);
                return null;
            default:
                var end = await connection.NoticeAsync(message, Refuse, report.UnaskedChannel, Broken, stop);
                return _symbols.Count > 0 ? end : new Received(default, FeedEnd.Closed, "no symbol is left");
        }
    }

    /// <summary>What was not asked for is no part of this source: a venue, or what stands between, sends it by mistake.</summary>
    private ValueTask TakeAskedAsync(in LiveTrade trade, CancellationToken stop)
    {
        if (_asked.Contains(trade.Tick.Symbol))
            return TakeAsync(trade, stop);
        report.Unasked(trade.Tick);
        return ValueTask.CompletedTask;
    }

    private long FirstId(LiveConnection connection, int index) =>
        venue.Limits.IdsAreNames ? 0 : connection.Parser.FirstId(index, _trades[index]);

    private bool IsAhead()
    {
        long latestMs = time.GetUtcNow().ToUnixTimeMilliseconds() + FutureToleranceMs;
        return _trades.Exists(trade => trade.TimestampMs > latestMs);
    }

    private async ValueTask TakeAsync(LiveTrade trade, CancellationToken stop)
    {
        var passage = _sequence.Take(trade, out var gap);
        switch (passage)
        {
            case Passage.Pass or Passage.Renumbered:
                if (passage == Passage.Renumbered)
                    report.Renumbered(trade.Tick);
                await output.WriteAsync(trade.Tick, stop);
                break;
            case Passage.Duplicate:
                report.Duplicate();
                break;
            case Passage.Gap:
                report.GapFound(gap);
                _refills.Add(gap.Symbol, new CancellationTokenSource());
                _ = RefillAsync(gap, _refills[gap.Symbol].Token, stop);
                break;
            default:
                break;
        }
    }

    /// <summary>Never throws: the loop learns from the channel what went wrong.</summary>
    private async Task RefillAsync(Gap gap, CancellationToken giveUp, CancellationToken stop)
    {
        try
        {
            _refilled.Writer.TryWrite(await refill.FillAsync(gap, giveUp, stop));
        }
        catch (Exception e)
        {
            _refilled.Writer.TryComplete(e);
        }
    }

    private async ValueTask PassRefilledAsync(CancellationToken stop)
    {
        if (_refilled.Reader.Completion.IsFaulted)
            await _refilled.Reader.Completion;
        while (_refilled.Reader.TryRead(out var refilled))
        {
            bool reachesBack = false;
            foreach (var trade in refilled.Trades)
            {
                if (_sequence.TakeRefilled(trade))
                    await output.WriteAsync(trade, stop);
                else
                    reachesBack = true;
            }

            report.GapDone(refilled, reachesBack);
            if (_refills.Remove(refilled.Gap.Symbol, out var giveUp))
                giveUp.Dispose();
            foreach (var trade in _sequence.Release(refilled.Gap.Symbol))
                await TakeAsync(trade, stop);
        }
    }

    /// <summary>
    /// Completes when a gap is dealt with. One task for all who wait, so that waiting for each message leaves nothing behind.
    /// </summary>
    private Task RefilledReady(CancellationToken stop)
    {
        if (_refilledReady is null || _refilledReady.IsCompleted)
            _refilledReady = _refilled.Reader.WaitToReadAsync(stop).AsTask();
        return _refilledReady;
    }

    /// <summary>Waits for <paramref name="work"/>; gaps that are refilled meanwhile need not wait for it.</summary>
    private async Task<LiveConnection> MeanwhileAsync(Task<LiveConnection> work, CancellationToken stop)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, RefilledReady(stop));
            await PassRefilledAsync(stop);
        }

        return await work;
    }

    /// <summary>Connects, as often as it takes.</summary>
    private async Task<LiveConnection> OpenAsync(TimeSpan wait, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(wait, time, stop);
            await connectPace.WaitAsync(stop);
            var address = venue.ConnectUrl(endpoint, _symbols);
            var (socket, fault, venuesWait) = await VenueSocket.ConnectAsync(address, venue.Limits, options, time, stop);
            if (socket is not null)
            {
                report.Opened(endpoint, _symbols.Count);
                var connection = new LiveConnection(venue, socket, _symbols, options, sendPace, time, stop);
                await connection.SubscribeAsync(stop);
                return connection;
            }

            connectPace.Pause(venuesWait); // for all connections to this venue
            wait = _backoff.Next();
            report.NotOpened(endpoint, fault, wait > venuesWait ? wait : venuesWait);
        }
    }

    /// <summary>A connection that did not last is a failure, too.</summary>
    private TimeSpan Wait(LiveConnection connection)
    {
        if (time.GetElapsedTime(connection.OpenedAt) > TimeSpan.FromMilliseconds(options.BackoffMaxMs))
            _backoff.Reset();
        return _backoff.Next();
    }

    private void Refuse(string? symbol, string text)
    {
        if (symbol is not null)
            _symbols.RemoveAll(name => venue.Limits.SymbolComparer.Equals(name, symbol));
        report.Refused(symbol, text);
    }

    private void Broken(string fault, ReadOnlySpan<byte> message)
    {
        _sequence.Doubt();
        report.Broken(fault, message);
    }
}
