using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// The events of one change, each encoded when the first client wants it. Tickers and bars come first, then the trades in offset order;
/// so the ids can be exact: until the last event of a change a client resumes from before it, or, once it has trades, from
/// behind the trade it has. A client that is cut off in between gets every trade once, and tickers and bars at least once.
/// </summary>
/// <param name="partition">Kafka partition.</param>
/// <param name="change">The change.</param>
/// <param name="effects">What it did to the board.</param>
/// <param name="before">Where a client stands that has nothing of it.</param>
/// <param name="after">Where it stands when it has all of it.</param>
/// <param name="from">Trades before this offset are left out, because the client has them; null leaves out none.</param>
internal sealed class ChangeFrames(
    int partition, Change change, BoardEffect[] effects, BoardVersion before, BoardVersion after, long? from)
{
    private static readonly ActivitySource Activities = new(TelemetryNames.Api);

    private readonly byte[] _idBefore = Id(before);
    private readonly byte[] _idAfter = Id(after);
    private readonly long _oldestMs = change.Times.Count == 0 ? 0 : change.Times.Min(time => time.TimestampMs);
    private readonly StreamFrame?[] _tickers = new StreamFrame?[effects.Length];
    private readonly StreamFrame?[][] _bars = new StreamFrame?[effects.Length][];
    private readonly Activity[]?[] _pushes = new Activity[]?[effects.Length];
    private List<(int Symbol, StreamEntry Entry)>? _trades;
    private bool _isLive;

    /// <summary><c>id: …</c> and its line feed.</summary>
    public static byte[] Id(BoardVersion version) => [.. StreamFrame.IdPrefix, .. Encoding.ASCII.GetBytes(version.ToString()), (byte)'\n'];

    /// <summary>Bytes that a change keeps in memory, about.</summary>
    public static int SizeOf(Change change)
    {
        int size = 64;
        foreach (ChangedSymbol symbol in change.Symbols)
        {
            size += 128 + symbol.Latest.Length + symbol.Day.Length;
            foreach (var trade in symbol.Trades)
                size += 16 + trade.Length;
            foreach (ChangedBar bar in symbol.Bars)
                size += 32 + bar.Record.Length;
        }

        return size;
    }

    /// <summary>To every client that wants something of it.</summary>
    public void SendTo(StreamRoutes routes)
    {
        _isLive = true;
        foreach (var (wish, clients) in routes.OfAll)
        {
            if (Whole(wish) is not { } whole)
                continue;
            StreamEntry[] entry = [new(whole, [])];
            foreach (StreamClient client in clients)
                client.Add(entry, after, _oldestMs);
        }

        var touched = new List<StreamClient>();
        bool anyTrades = false;
        for (int i = 0; i < effects.Length; i++)
        {
            foreach (StreamClient client in effects[i].Served ? routes.Of(change.Symbols[i].Symbol) ?? [] : [])
            {
                Touch(client, touched);
                States(client.Request.Channels, i, client.Change);
                anyTrades |= client.Request.Channels.Trades;
            }
        }

        foreach (var (i, entry) in anyTrades ? Trades() : [])
        {
            foreach (StreamClient client in routes.Of(change.Symbols[i].Symbol) ?? [])
            {
                if (client.Request.Channels.Trades)
                    client.Change.Add(entry);
            }
        }

        foreach (StreamClient client in touched)
        {
            client.Add(CollectionsMarshal.AsSpan(Closed(client.Change)), after, _oldestMs);
            StreamClient.Empty(client.Change);
            client.IsTouched = false;
        }
    }

    /// <summary>For one client that comes back.</summary>
    public List<StreamEntry> For(StreamRequest request) =>
        Entries(request.Channels, request.IsOfAll ? null : request.Wants);

    private static void Touch(StreamClient client, List<StreamClient> touched)
    {
        if (client.IsTouched)
            return;
        client.IsTouched = true;
        touched.Add(client);
    }

    private List<StreamEntry> Entries(StreamChannels channels, Predicate<string>? wants)
    {
        var entries = new List<StreamEntry>();
        for (int i = 0; i < effects.Length; i++)
        {
            if (effects[i].Served && wants?.Invoke(change.Symbols[i].Symbol) != false)
                States(channels, i, entries);
        }

        foreach (var (i, entry) in channels.Trades ? Trades() : [])
        {
            if (wants?.Invoke(change.Symbols[i].Symbol) != false)
                entries.Add(entry);
        }

        return Closed(entries);
    }

    /// <summary>The ticker and the bars of a symbol.</summary>
    private void States(StreamChannels channels, int i, List<StreamEntry> entries)
    {
        ChangedSymbol symbol = change.Symbols[i];
        if (channels.Tickers && !symbol.Latest.IsEmpty)
            entries.Add(new StreamEntry(Ticker(i), _idBefore));
        for (int b = 0; channels.AnyBars && b < symbol.Bars.Count; b++)
        {
            if (channels.Bars(symbol.Bars[b].Timeframe))
                entries.Add(new StreamEntry(Bar(i, b), _idBefore));
        }
    }

    /// <summary>After its last event a client has the whole change.</summary>
    private List<StreamEntry> Closed(List<StreamEntry> entries)
    {
        if (entries.Count > 0)
            entries[^1] = entries[^1] with { Id = _idAfter };
        return entries;
    }

    /// <summary>All that <paramref name="wish"/> has of the change, ids included; null where that is nothing.</summary>
    private StreamFrame? Whole(in StreamWish wish)
    {
        var entries = Entries(wish.Channels, wish.Allowed is { } allowed ? allowed.Allow : null);
        if (entries.Count == 0)
            return null;
        var bytes = new ArrayBufferWriter<byte>();
        var pushes = new List<Activity>();
        foreach (var (frame, id) in entries)
        {
            bytes.Write(id);
            bytes.Write(frame.Bytes.Span);
            pushes.AddRange(frame.Pushes);
        }

        return new StreamFrame(bytes.WrittenSpan.ToArray(), [.. pushes.Distinct()]);
    }

    private StreamFrame Ticker(int i) => _tickers[i] ??= StreamFrame.Ticker(change.Symbols[i].Latest.Span, Pushes(i));

    private StreamFrame Bar(int i, int b)
    {
        ChangedSymbol symbol = change.Symbols[i];
        ChangedBar bar = symbol.Bars[b];
        StreamFrame?[] bars = _bars[i] ??= new StreamFrame?[symbol.Bars.Count];
        return bars[b] ??= StreamFrame.Bar(
            symbol.Symbol, bar.Timeframe, bar.Record.Span,
            !(effects[i].BeforeMs is { } newest && bar.OpenTime < bar.Timeframe.OpenTime(newest)),
            Pushes(i));
    }

    /// <summary>The trades of all symbols, as they lie in the log.</summary>
    private List<(int Symbol, StreamEntry Entry)> Trades()
    {
        if (_trades is not null)
            return _trades;
        var trades = new List<(long Offset, int Symbol, ReadOnlyMemory<byte> Record)>();
        for (int i = 0; i < effects.Length; i++)
        {
            foreach (var record in effects[i].Served ? change.Symbols[i].Trades : [])
            {
                long offset = StoredRecord.Order(record.Span).Offset;
                if (!(offset < from))
                    trades.Add((offset, i, record));
            }
        }

        trades.Sort(static (left, right) => left.Offset.CompareTo(right.Offset));
        return _trades = [.. trades.Select(trade => (
            trade.Symbol,
            new StreamEntry(
                StreamFrame.Trade(change.Symbols[trade.Symbol].Symbol, trade.Record.Span, Pushes(trade.Symbol)),
                Id(before.With(partition, trade.Offset + 1)))))];
    }

    /// <summary>
    /// The end of the trace of an event that is traced: its way to the clients, one span for all. Not to one that comes back, which gets
    /// what was pushed before.
    /// </summary>
    private Activity[] Pushes(int i) =>
        _isLive && !change.Symbols[i].TraceParent.IsEmpty && Activities.HasListeners() ? _pushes[i] ??= Push(change.Symbols[i]) : [];

    private Activity[] Push(in ChangedSymbol symbol)
    {
        if (!TraceParent.TryReadSampled(symbol.TraceParent.Span, out ActivityContext write))
            return [];
        Activity? around = Activity.Current;
        string topic = change.Reached.Identity.Topic;
        Activity? push = Activities.StartActivity("push " + topic, ActivityKind.Consumer, write)?
            .SetTag(TelemetryNames.MessagingSystem, "kafka")
            .SetTag(TelemetryNames.OperationName, "push")
            .SetTag(TelemetryNames.OperationType, "process")
            .SetTag(TelemetryNames.DestinationName, topic)
            .SetTag(TelemetryNames.DestinationPartition, partition.ToString(CultureInfo.InvariantCulture))
            .SetTag(TelemetryNames.KafkaMessageKey, symbol.Symbol);
        Activity.Current = around;
        return push is null ? [] : [push];
    }
}
