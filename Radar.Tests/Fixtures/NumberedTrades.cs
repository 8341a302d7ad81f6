using System.Globalization;
using Radar.Client;

namespace Radar.Tests.Fixtures;

/// <summary>Trades of a few symbols, numbered by their ids: what a client of the stream lacks, or gets twice, shows.</summary>
internal sealed class NumberedTrades(RadarPath path)
{
    public const int Symbols = 5;

    private const string LastSymbol = "LAST";

    private int _sent;

    /// <summary>How many were begun to be sent; ids count from 0.</summary>
    public int Sent => Volatile.Read(ref _sent);

    public Task SendAsync(int count)
    {
        var records = Enumerable.Range(_sent, count).Select(id => Record($"S{id % Symbols}", id)).ToArray();
        Interlocked.Add(ref _sent, count);
        return path.SendAsync(records);
    }

    /// <summary>All that would be delivered twice is received before this one.</summary>
    public Task SendLastAsync() => path.SendAsync(Record(LastSymbol, 0));

    /// <summary>Reads a stream of trades until the last one.</summary>
    /// <param name="stream">Of all symbols.</param>
    /// <param name="received">Called with each number.</param>
    /// <param name="begun">Set when the stream has begun.</param>
    /// <param name="signal">Called with what the client says of its connection.</param>
    public static async Task ReadAsync(
        IAsyncEnumerable<StreamEvent> stream, Action<int> received, TaskCompletionSource begun, Action<StreamSignal>? signal = null)
    {
        await foreach (StreamEvent next in stream)
        {
            if (next is StreamSignal said)
                signal?.Invoke(said);
            if (next is SnapshotEvent)
                begun.TrySetResult();
            if (next is not TradeEvent { Trade: var trade })
                continue;
            if (trade.Symbol == LastSymbol)
                return;
            received(int.Parse(trade.TradeId!, CultureInfo.InvariantCulture));
        }
    }

    private static (string? Key, string? Value) Record(string symbol, int id) =>
        (symbol, $$"""{"symbol":"{{symbol}}","price":1,"timestamp":1723204800000,"trade_id":{{id}}}""");
}
