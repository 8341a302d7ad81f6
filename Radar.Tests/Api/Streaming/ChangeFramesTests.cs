using System.Text;
using Radar.Api.Board;
using Radar.Api.Streaming;
using Radar.Market;
using Radar.Tests.Api.Board;

namespace Radar.Tests.Api.Streaming;

/// <summary>A change is encoded once for all clients, and its ids are safe to resume from.</summary>
public sealed class ChangeFramesTests
{
    private static readonly BoardVersion Before = BoardVersion.Of(Changes.Layout).With(0, 7).With(1, 10);

    private static List<StreamEntry> Received(StreamClient client) => [.. client.Take().Entries];

    private static StreamClient Client(string channels, params string[] symbols)
    {
        Assert.True(StreamChannels.TryParse(channels, out var wanted, out _));
        return new StreamClient(
            new StreamRequest(symbols.Length == 0 ? null : System.Collections.Frozen.FrozenSet.ToFrozenSet(symbols), wanted, null), null,
            null, 1_000_000, StreamBudget.Unlimited);
    }

    private static void Send(Radar.Market.Store.Change change, params StreamClient[] clients)
    {
        var routes = new StreamRoutes();
        foreach (StreamClient client in clients)
            routes.Add(client);
        var effects = change.Symbols.Select(_ => new BoardEffect(null, true)).ToArray();
        new ChangeFrames(1, change, effects, Before, Before.With(1, change.Reached.Offset), from: null).SendTo(routes);
    }

    [Fact]
    public void Clients_of_the_same_channels_get_the_same_bytes()
    {
        StreamClient[] all = [.. Enumerable.Range(0, 5).Select(_ => Client("tickers,trades"))];
        StreamClient[] named = [.. Enumerable.Range(0, 5).Select(i => Client(i % 2 == 0 ? "tickers,trades" : "trades,tickers", "A", "Z"))];

        Send(Changes.Of(10, 13, ("A", 5, 10), ("B", 5, 11), ("Z", 6, 12)), [.. all, .. named]);

        StreamFrame whole = Assert.Single(Received(all[0])).Frame;
        Assert.All(all[1..], client => Assert.Same(whole, Assert.Single(Received(client)).Frame));
        var first = Received(named[0]);
        Assert.NotEmpty(first);
        Assert.All(named[1..], client => Assert.All(first.Zip(Received(client)), pair => Assert.Same(pair.First.Frame, pair.Second.Frame)));
    }

    [Fact]
    public void Ids_lead_to_where_nothing_is_missed_and_no_trade_comes_twice()
    {
        var client = Client("tickers,trades", "A", "B");

        Send(Changes.Of(10, 13, ("B", 5, 10), ("A", 5, 12)), client);

        Assert.Equal(
            ["ticker 10", "ticker 10", "trade 11", "trade 13"], // tickers again rather than trades lost; the last has it all
            Received(client).Select(entry => $"{Encoding.UTF8.GetString(entry.Frame.Bytes.Span).Split('\n')[0][7..]} {Position(entry)}"));
    }

    [Fact]
    public void Client_of_all_is_sent_what_a_client_of_every_symbol_is_sent()
    {
        var (all, named) = (Client("tickers,trades"), Client("tickers,trades", "A", "B"));

        Send(Changes.Of(10, 13, ("B", 5, 10), ("A", 5, 11), ("C", 5, 12)), all, named);

        string whole = Text(Received(all));
        Assert.Equal(3, whole.Split("event: ticker").Length - 1);
        foreach (var entry in Received(named))
            Assert.Contains(Encoding.UTF8.GetString(entry.Frame.Bytes.Span), whole, StringComparison.Ordinal);
        Assert.EndsWith("\n\n", whole, StringComparison.Ordinal);
        Assert.Equal(6, whole.Split("id: ").Length - 1);
    }

    [Fact]
    public void Client_is_sent_nothing_of_a_change_that_has_nothing_for_it()
    {
        var (other, bars) = (Client("tickers", "Z"), Client("bars.1Min"));

        Send(Changes.Of(10, 11, ("A", 5, 10)), other, bars);

        Assert.Empty(Received(other));
        Assert.Empty(Received(bars));
    }

    [Fact]
    public void Client_keeps_no_room_for_a_burst_that_is_over()
    {
        const int Burst = 20 * StreamClient.EntriesKept;
        var client = Client("trades", "A");

        Send(Changes.Of(10, 10 + Burst, [.. Enumerable.Range(10, Burst).Select(offset => ("A", 5L, (long)offset))]), client);
        Assert.Equal(Burst, client.Take().Entries.Count);

        for (int list = 0; list < 2; list++)
            Assert.InRange(client.Take().Entries.Capacity, 0, StreamClient.EntriesKept);
        Assert.InRange(client.Change.Capacity, 0, StreamClient.EntriesKept);
        Send(Changes.Of(10 + Burst, 11 + Burst, ("A", 5, 10 + Burst)), client);
        Assert.Single(client.Take().Entries);
    }

    private static string Position(in StreamEntry entry)
    {
        Assert.True(BoardVersion.TryParse(Encoding.ASCII.GetString(entry.Id)[4..^1], out var version));
        Assert.Equal(7, version.Positions[0]);
        return version.Positions[1]!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Text(List<StreamEntry> entries) =>
        string.Concat(entries.Select(entry => Encoding.ASCII.GetString(entry.Id) + Encoding.UTF8.GetString(entry.Frame.Bytes.Span)));
}
